// Progressive enhancement only: every page does all its work without this file.
import { Button, ErrorSummary, Radios, createAll } from "govuk-frontend";
import { start } from "./enhance.js";

createAll(Button, { preventDoubleClick: true });
createAll(ErrorSummary);
createAll(Radios);
start();
