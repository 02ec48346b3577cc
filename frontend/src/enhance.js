// Small things of our own, shared by citizen and staff pages.

// Buttons that only make sense with a script are hidden in the markup until this runs.
function offerPrinting() {
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}

// On a shared computer a page must not come back from the browser's memory after it was finished with.
function forgetOnReturn() {
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && document.body.hasAttribute("data-personal")) window.location.reload();
  });
}

export function start() {
  offerPrinting();
  forgetOnReturn();
}
