// Talking to an agent: what it says is shown while it comes. Without this file a message is posted and the page loads.
"use strict";

const part = (root, name) => root.querySelector(`[data-part="${name}"]`);

// What is stored by now, as the server shows it.
const renewTalk = async (address, names) => {
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const name of names) {
    const [here, there] = [part(document, name), part(fresh, name)];
    if (here !== null && there !== null) here.replaceChildren(...there.childNodes);
  }
};

const line = (role, text) => {
  const item = document.createElement("li");
  item.className = `message ${role}`;
  const by = item.appendChild(document.createElement("div"));
  by.className = "by";
  by.appendChild(document.createElement("b")).textContent = role;
  const said = item.appendChild(document.createElement("div"));
  said.className = "said";
  const words = said.appendChild(document.createElement("div"));
  words.className = "text";
  words.textContent = text;
  return item;
};

async function* events(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const [, name, data] = /^event: (.*)\ndata: (.*)$/s.exec(block) ?? [];
      if (name !== undefined) yield { name, data: JSON.parse(data) };
    }
  }
}

const refuse = (text) => {
  const place = document.querySelector("[data-trouble]");
  place.textContent = text;
  place.hidden = false;
};

// One message and all that the agent makes of it. Says where the chat is.
const talk = async (form, fields) => {
  const answer = await fetch(form.action, { method: "POST", body: fields, headers: { Accept: "text/event-stream" } });
  if (!(answer.headers.get("Content-Type") ?? "").startsWith("text/event-stream")) {
    const told = new DOMParser().parseFromString(await answer.text(), "text/html");
    throw new Error(told.querySelector("[role=alert]:not([hidden]), main p")?.textContent ?? "This was not taken.");
  }
  const coming = document.querySelector("[data-coming]");
  let address = location.pathname;
  let latest = Promise.resolve();
  for await (const { name, data } of events(answer)) {
    if (name === "chat") address = `/chats/${data.chatId}`;
    if (name === "text") {
      const words = coming.querySelector(".agent .text") ?? coming.appendChild(line("agent", "")).querySelector(".text");
      words.textContent += data.delta;
      words.scrollIntoView({ block: "nearest" });
    }
    if (name === "message" || name === "tool_result") {
      latest = latest.then(() => renewTalk(address, ["talk"])).then(() => coming.replaceChildren());
    }
    if (name === "error") throw new Error(data.message);
    if (name === "done") address = data.address;
  }
  await latest;
  return address;
};

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-talk]");
  if (form === null || typeof TextDecoderStream === "undefined") return;
  event.preventDefault();
  const box = form.elements.namedItem("message");
  if (box.value.trim() === "" || box.disabled) return;
  const fields = new URLSearchParams(new FormData(form));
  const coming = document.querySelector("[data-coming]");
  document.querySelector("[data-trouble]").hidden = true;
  coming.replaceChildren(line("user", box.value));
  coming.hidden = false;
  coming.scrollIntoView({ block: "nearest" });
  const said = box.value;
  box.disabled = true;
  box.value = "";
  try {
    const address = await talk(form, fields);
    if (location.pathname.startsWith("/chats/")) await renewTalk(address, ["talk", "facts", "say"]);
    else {
      location.replace(`${address}#last`);
      return;
    }
  } catch (error) {
    refuse(error.message);
    box.value = said;
  }
  coming.hidden = true;
  coming.replaceChildren();
  const next = document.querySelector("form[data-talk] [name=message]");
  if (next !== null) {
    next.disabled = false;
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }
});

// Enter sends, Shift and Enter begins a new line.
document.addEventListener("keydown", (event) => {
  const box = event.target.closest("form[data-talk] [name=message]");
  if (box === null || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  box.form.requestSubmit();
});
