// Keys: what an element names in data-key, and from message to message. Everything works without this file, too.
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

// n and p go from message to message; the address names the one that is looked at.
document.addEventListener("keydown", (event) => {
  const step = { n: 1, p: -1 }[event.key];
  if (step === undefined || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const target = document.querySelector(".talk :target");
  const talk = target?.closest(".talk") ?? document.querySelector(".trial[open] .talk") ?? document;
  const messages = [...talk.querySelectorAll(".message[id], .message .result[id]")];
  if (messages.length === 0) return;
  const here = target === null ? -1 : messages.findLastIndex((one) => one === target || one.contains(target));
  const there = messages[Math.min(Math.max(here + step, 0), messages.length - 1)];
  there.closest("details")?.setAttribute("open", "");
  location.replace(`#${there.id}`);
});
