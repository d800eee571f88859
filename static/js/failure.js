/* Shows a message when part of a page can't be loaded. Without it, the page would seem not to respond. */

const WORDS = {
  404: "This is no longer available. Reload the page.",
  429: "Too many attempts. Wait a moment and try again.",
};

function show(words) {
  const message = document.createElement("p");
  message.className = "message error";
  message.textContent = words;
  document.getElementById("messages").replaceChildren(message);
  message.scrollIntoView({ block: "nearest" });
}

document.addEventListener("htmx:responseError", (event) => {
  show(WORDS[event.detail.xhr.status] ?? "Something went wrong. Nothing was changed. Try again.");
});

document.addEventListener("htmx:sendError", () => {
  show("Can't reach Caledee. Check your connection and try again.");
});
