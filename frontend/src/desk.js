// Staff pages: the citizen bundle's components, and htmx for live filtering. All of it works without.
import { Button, ErrorSummary, Radios, createAll } from "govuk-frontend";
import htmx from "htmx.org";
import { start } from "./enhance.js";

// The content security policy has neither eval nor inline styles; nothing may leave this origin.
Object.assign(htmx.config, {
  allowEval: false,
  includeIndicatorStyles: false,
  allowScriptTags: false,
  selfRequestsOnly: true,
  historyCacheSize: 0, // personal pages are never kept in the browser's storage
  refreshOnHistoryMiss: true,
});

function enhance(scope) {
  createAll(Button, { preventDoubleClick: true }, scope);
  createAll({}, scope);
  createAll(ErrorSummary, {}, scope);
  createAll(Radios, {}, scope);
}

enhance(document);
htmx.on("htmx:load", (event) => {
  if (event.detail.elt !== document.body) enhance(event.detail.elt);
});
start();
