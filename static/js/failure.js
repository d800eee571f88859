/* A part that could not be fetched says so, instead of leaving a page that seems not to listen. */

const WORDS = {
  404: "That is no longer there. Reload the page to see what is.",
  429: "That was too fast. Wait a moment and try again.",
};

function show(words) {
  const message = document.createElement("p");
  message.className = "message error";
  message.textContent = words;
  document.getElementById("messages").replaceChildren(message);
  message.scrollIntoView({ block: "nearest" });
}

document.addEventListener("htmx:responseError", (event) => {
  show(WORDS[event.detail.xhr.status] ?? "That did not work. Nothing was changed. Try again.");
});

document.addEventListener("htmx:sendError", () => {
  show("Caledee cannot be reached. Check your connection and try again.");
});
