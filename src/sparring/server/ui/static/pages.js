// Keys, copying, and pages that follow what is being played. Everything works without this file, too.
"use strict";

const isTyping = (element) => element.closest("input:not([type=radio]), textarea, select") !== null;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const wanted = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (wanted === null) return;
  event.preventDefault();
  if (wanted.matches("input, select, textarea")) wanted.focus();
  else wanted.click();
});

const showCopies = () => {
  for (const button of document.querySelectorAll("[data-copies]")) button.hidden = navigator.clipboard === undefined;
};
showCopies();

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (button === null) return;
  const said = button.textContent;
  const answer = await fetch(button.dataset.copies);
  await navigator.clipboard.writeText(await answer.text());
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = said; }, 2000);
});

// n and p go from message to message; the address names the one that is looked at.
document.addEventListener("keydown", (event) => {
  const step = { n: 1, p: -1 }[event.key];
  if (step === undefined || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const messages = [...document.querySelectorAll(".message[id], .message .result[id]")];
  if (messages.length === 0) return;
  const target = document.querySelector(".talk :target");
  const here = target === null ? -1 : messages.findLastIndex((one) => one === target || one.contains(target));
  const there = messages[Math.min(Math.max(here + step, 0), messages.length - 1)];
  there.closest("details")?.setAttribute("open", "");
  location.replace(`#${there.id}`);
});

// A page that is still changing asks for itself again whenever the server says that something happened, and puts
// the new parts in the place of the old ones. What had the focus keeps it. Says whether there may be more.
const renew = async () => {
  const answer = await fetch(location.pathname + location.search, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return true;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.title = fresh.title;
  for (const part of document.querySelectorAll("[data-part]")) {
    const there = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
    if (there === null || there.innerHTML === part.innerHTML) continue;
    const focused = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    part.replaceChildren(...there.childNodes);
    if (focused !== null) part.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }
  showCopies();
  return fresh.querySelector("[data-live]") !== null;
};

for (const live of document.querySelectorAll("[data-live]")) {
  const events = new EventSource(live.dataset.live);
  let latest = Promise.resolve();
  const again = () => {
    latest = latest.then(renew).then((more) => { if (!more) events.close(); }).catch(() => undefined);
  };
  events.addEventListener("change", again);
  events.addEventListener("over", () => { events.close(); again(); });
}
