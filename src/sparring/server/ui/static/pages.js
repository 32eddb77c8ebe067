// Copying, and pages that follow what is being played. Everything works without this file, too.
const showCopies = () => {
  for (const button of document.querySelectorAll("[data-copies]")) button.hidden = navigator.clipboard === undefined;
};
showCopies();

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (button === null) return;
  const said = button.textContent;
  const where = button.dataset.copies;
  const text = where.startsWith("#") ? document.querySelector(where).textContent : await (await fetch(where)).text();
  await navigator.clipboard.writeText(text);
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = said; }, 2000);
});

// What answers a form is shown once: to load the page again does not send the form again.
const shownOnce = document.querySelector("[data-once]");
if (shownOnce !== null) history.replaceState(null, "", shownOnce.dataset.once);

// How to find a place again in a part that is new.
const place = (one) => {
  const link = one.getAttribute("href");
  if (link !== null) return `a[href="${CSS.escape(link)}"]`;
  if (one.name) return `[name="${CSS.escape(one.name)}"]`;
  return one.form ? `form[action="${CSS.escape(one.form.getAttribute("action"))}"] button` : null;
};

// A page that is still changing asks for itself again whenever the server says that something happened, and puts
// the new parts in the place of the old ones. What had the focus keeps it, and a field what was typed into it. Says
// whether there may be more.
const renew = async () => {
  const answer = await fetch(location.pathname + location.search, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return true;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.title = fresh.title;
  for (const part of document.querySelectorAll("[data-part]")) {
    const there = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
    if (there === null || there.innerHTML === part.innerHTML) continue;
    const focused = part.contains(document.activeElement) ? place(document.activeElement) : null;
    const typed = [...part.querySelectorAll("input, textarea")].filter((one) => one.value !== one.defaultValue);
    part.replaceChildren(...there.childNodes);
    for (const { name, value } of typed) {
      const field = part.querySelector(`[name="${CSS.escape(name)}"]`);
      if (field !== null) field.value = value;
    }
    if (focused !== null) part.querySelector(focused)?.focus({ preventScroll: true });
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

// Start: what is chosen is summed up while it is chosen, groups are chosen at once, and the search hides the rest.
const sums = document.querySelector("form[data-sums]");
if (sums !== null) {
  for (const button of sums.querySelectorAll("[data-replaced]")) button.hidden = true;
  let asked = 0;
  const sum = async () => {
    const mine = ++asked;
    await new Promise((done) => { setTimeout(done, 150); });
    if (mine !== asked) return;
    const body = new URLSearchParams(new FormData(sums));
    body.set("do", "sum");
    const answer = await fetch(sums.action, { method: "POST", body, headers: { Accept: "text/html" } });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-part=sum]");
    if (mine === asked && fresh !== null) sums.querySelector("[data-part=sum]").replaceWith(fresh);
  };
  sums.addEventListener("input", sum);
  sums.addEventListener("click", (event) => {
    const button = event.target.closest("[data-chooses]");
    if (button === null) return;
    event.preventDefault();
    const among = button.closest("fieldset") ?? sums;
    for (const box of among.querySelectorAll(".choice:not([hidden]) input")) box.checked = button.dataset.chooses === "all";
    sum();
  });
  sums.querySelector("[data-finds]").addEventListener("input", (event) => {
    const words = event.target.value.toLowerCase().split(/\s+/);
    for (const one of sums.querySelectorAll(event.target.dataset.finds)) {
      one.hidden = !words.every((word) => one.dataset.words.toLowerCase().includes(word));
    }
  });
}
