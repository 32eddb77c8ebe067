// Editors: rows come and go in place, mistakes and answers are told while one types. Everything works without.
"use strict";

const editor = () => document.querySelector("form[data-editor]");
let unsaved = false;
let asking = null;
let pause = 0;

const sent = (form, order) => {
  const fields = new URLSearchParams(new FormData(form));
  fields.set("do", order);
  return fields;
};

const ask = async (form, order) => {
  asking?.abort();
  asking = new AbortController();
  const answer = await fetch(form.action, {
    method: "POST", body: sent(form, order), signal: asking.signal, headers: { Accept: "text/html" },
  });
  if (answer.redirected || !(answer.headers.get("Content-Type") ?? "").includes("html")) return null;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  return fresh.querySelector("form[data-editor]") === null ? null : fresh;
};

const remember = (changes) => {
  const address = new URL(location.href);
  for (const name of ["done", "mock", "arguments", "nth"]) address.searchParams.delete(name);
  for (const [name, value] of Object.entries(changes)) {
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
  }
  history.replaceState(null, "", address);
};

const unfolded = (root) =>
  new Map([...root.querySelectorAll("details[data-stays]")].map((one) => [one.dataset.stays, one.open]));

// The page as the server sees it now, in the place of the old one; what was unfolded stays so, and so does what was
// typed while the server was asked.
const replaceAll = (fresh, order, before) => {
  const open = unfolded(document);
  const active = document.activeElement;
  const focused = active.matches("input, select, textarea") ? active.name : "";
  const typed = [...new FormData(editor())].filter(([name, value]) => before.get(name) !== value);
  const top = scrollY;
  const main = document.querySelector("main");
  main.replaceChildren(...fresh.querySelector("main").childNodes);
  document.title = fresh.title;
  const moved = /^(drop|up) /.test(order);
  for (const [name, value] of moved ? [] : typed) {
    const field = editor().elements.namedItem(name);
    if (field instanceof HTMLElement && field.type !== "checkbox") field.value = value;
  }
  for (const one of main.querySelectorAll("details[data-stays]")) {
    if (!moved && open.get(one.dataset.stays) && !one.open) one.open = true;
  }
  scrollTo(0, top);
  const next = main.querySelector("[autofocus]") ?? (focused ? editor().elements.namedItem(focused) : null)
    ?? main.querySelector(`button[value="${CSS.escape(order)}"]`);
  (next ?? main).focus({ preventScroll: next === null });
  next?.scrollIntoView({ block: "nearest" });
  if (order === "form") main.querySelector(".of-text [role=alert]")?.scrollIntoView({ block: "nearest" });
};

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-editor]");
  const button = event.submitter;
  if (form === null) return;
  if (button === null || !(button.hasAttribute("data-inplace") || button.value === "look")) {
    unsaved = false;
    return;
  }
  event.preventDefault();
  clearTimeout(pause);
  const before = new FormData(form);
  const fresh = await ask(form, button.value).catch(() => null);
  if (fresh === null) return;
  replaceAll(fresh, button.value, before);
  const tab = editor().elements.namedItem("tab").value;
  remember({ tab: tab === "form" ? "" : tab, ...questionOf(button.value) });
});

// Some choices change what else there is to fill in.
document.addEventListener("change", async (event) => {
  const form = event.target.closest("form[data-editor]");
  if (form === null || !event.target.hasAttribute("data-renews")) return;
  clearTimeout(pause);
  unsaved = true;
  const before = new FormData(form);
  const fresh = await ask(form, "look").catch(() => null);
  if (fresh !== null) replaceAll(fresh, "look", before);
});

const questionOf = (order) => {
  const row = order.startsWith("ask ") ? order.slice(4) : null;
  const field = (name) => editor()?.elements.namedItem(`${row}.${name}`)?.value;
  return row === null ? {} : { mock: field("tool"), arguments: field("ask.arguments"), nth: field("ask.nth") };
};

// Only what is told changes while somebody types: mistakes, doubts, and the answer of the mock that is open.
const tell = (fresh) => {
  for (const place of document.querySelectorAll("[data-told], [data-answer], [data-part=problems]")) {
    const same = place.id ? `#${CSS.escape(place.id)}` : place.dataset.answer
      ? `[data-answer="${CSS.escape(place.dataset.answer)}"]` : "[data-part=problems]";
    const there = fresh.querySelector(same);
    if (place.dataset.answer && there !== null && there.childElementCount === 0) continue;
    if (there !== null && there.innerHTML !== place.innerHTML) place.replaceChildren(...there.childNodes);
  }
  for (const field of document.querySelectorAll("form[data-editor] [aria-describedby]")) {
    const wrong = document.getElementById(field.getAttribute("aria-describedby"))?.querySelector(".flaw");
    if (wrong) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
};

// The mock whose answer is shown: what is typed elsewhere can change it, too.
const answered = () =>
  [...document.querySelectorAll("[data-answer]")].find((one) => one.childElementCount > 0)?.dataset.answer;

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-editor]");
  if (form === null) return;
  unsaved = unsaved || !event.target.closest("[data-ask]");
  const row = event.target.closest(".mock")?.querySelector("[data-ask]")?.dataset.ask ?? answered();
  clearTimeout(pause);
  pause = setTimeout(async () => {
    const order = row === undefined ? "look" : `ask ${row}`;
    const fresh = await ask(form, order).catch(() => null);
    if (fresh === null || !form.isConnected) return;
    tell(fresh);
    if (event.target.closest("[data-ask]")) remember(questionOf(order));
  }, 350);
});

addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});
