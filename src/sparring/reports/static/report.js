// The report: conversations are unpacked when somebody opens them.
const packed = new Map();
const texts = async (name) => {
  const bytes = Uint8Array.from(atob(document.getElementById(`packed-${name}`).textContent), (one) => one.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return (await new Response(stream).text()).split("\0");
};
const unpacked = (name) => {
  if (!packed.has(name)) packed.set(name, texts(name));
  return packed.get(name);
};

// What is unpacked was escaped when it was packed, and the page's policy lets nothing in it run.
const unfold = async (trial) => {
  const holder = trial.querySelector(".packed");
  if (holder === null) return;
  const [chunk, place] = holder.dataset.place.split(" ");
  const [table, pieces] = await Promise.all([unpacked("table"), unpacked(`chunk-${chunk}`)]);
  if (!holder.isConnected) return;
  const tagged = pieces[place].replace(/[\ue001-\uf8ff]/g, (one) => table[one.charCodeAt(0) - 0xe001]);
  const fresh = document.createElement("template");
  fresh.innerHTML = tagged.replaceAll("\ue000", `${trial.id}-`);
  holder.replaceWith(fresh.content);
};

document.addEventListener("toggle", (event) => {
  if (event.target.matches(".trial[open]:not([data-printed])")) unfold(event.target);
}, true);

// A link into a trial opens it; words that were packed are only found once they are unpacked.
const arrive = async () => {
  const id = decodeURIComponent(location.hash.slice(1));
  const trial = (document.getElementById(id) ?? document.getElementById(id.split("-")[0]))?.closest(".trial");
  if (!trial) return;
  trial.open = true;
  await unfold(trial);
  const there = document.getElementById(id);
  there?.closest("details")?.setAttribute("open", "");
  if (there !== null && !there.matches(":target")) location.replace(`#${id}`);
  there?.scrollIntoView({ block: there === trial ? "start" : "center" });
};
addEventListener("hashchange", arrive);
arrive();

// j and k go through the failed trials, to the words that prove the failure.
document.addEventListener("keydown", (event) => {
  if (!["j", "k"].includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
  const failed = [...document.querySelectorAll(".trial[data-failed]")];
  const here = document.querySelector(":target");
  const lies = (one, where) => here === null || (here.compareDocumentPosition(one) & where && !one.contains(here));
  const there = event.key === "j"
    ? failed.find((one) => lies(one, Node.DOCUMENT_POSITION_FOLLOWING))
    : failed.findLast((one) => lies(one, Node.DOCUMENT_POSITION_PRECEDING));
  if (there) location.hash = there.querySelector(".check.not-met a")?.hash || there.id;
});

for (const told of document.querySelectorAll(".scripted")) told.hidden = false;

addEventListener("beforeprint", () => {
  for (const trial of document.querySelectorAll(".trial[data-readable]:not([open])")) {
    trial.dataset.printed = "";
    trial.open = true;
  }
});
addEventListener("afterprint", () => {
  for (const trial of document.querySelectorAll(".trial[data-printed]")) {
    trial.open = false;
    delete trial.dataset.printed;
  }
});
