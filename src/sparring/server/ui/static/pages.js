// Copying, and pages that follow what is being played. Everything works without this file, too.
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
