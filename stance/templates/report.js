"use strict";
// Everything the page shows of a judgement stands in the list of numbers that Python left for it; this unpacks them.
const data = JSON.parse(document.getElementById("data").textContent);
const STANCES = ["condemn", "neutral", "support"];
const SIGNS = { support: "▲", condemn: "▼", neutral: "○" };
const SAID = { support: "supported", condemn: "condemned", neutral: "mentioned" };
const byId = (id) => document.getElementById(id);
const percent = (share) => `${Math.round(100 * share)}%`;

const judgements = data.judgements.map(
  ([document, group, sentence, stance, chances, strength, start, end, holder, evidence, votes], number) => {
    const [text, cues] = data.sentences[sentence];
    return {
      number, document, group, holder, strength, start, end, text, cues,
      stance: STANCES[stance],
      chances: { condemn: chances[0] / 1000, neutral: chances[1] / 1000, support: chances[2] / 1000 },
      confidence: chances[stance] / 1000,
      evidence: data.evidence[evidence],
      votes: data.votes[votes],
      target: text.slice(start, end).replace(/\s+/g, " "),
      marks: [], kept: true,
    };
  },
);
const marks = [...document.querySelectorAll("mark[data-j]")];
for (const mark of marks) judgements[mark.dataset.j].marks.push(mark);
const groups = data.groups.map(([label, id, kind], number) => ({ number, label, id, kind, name: label.toLowerCase() }));

// --- elements ---------------------------------------------------------------------------------------------------
/** An element with its attributes and children; text stays text, so nothing of a document is ever read as HTML. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}
const sign = (stance) => make("span", { class: `sign ${stance}`, "aria-hidden": "true" }, SIGNS[stance]);

// --- filter -----------------------------------------------------------------------------------------------------
const filter = { group: null, words: null, id: "", holder: "", document: "", stances: new Set(STANCES), confidence: 0 };

function keeps(judgement) {
  return judgement.confidence >= filter.confidence
    && filter.stances.has(judgement.stance)
    && (filter.holder === "" || judgement.holder === Number(filter.holder))
    && (filter.document === "" || judgement.document === Number(filter.document))
    && (filter.group === null || judgement.group === filter.group)
    && (filter.words === null || filter.words.test(judgement.target) || groups[judgement.group].id.toLowerCase() === filter.id);
}

function readFilter() {
  const typed = byId("target").value.trim();
  if (filter.group !== null && typed !== groups[filter.group].label) filter.group = null;
  const escaped = typed.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/g, "\\s+");
  // from the beginning of a word, since "us" stands in "Russia"
  filter.words = typed && filter.group === null ? new RegExp(`(?<![\\p{L}\\p{N}])${escaped}`, "iu") : null;
  filter.id = typed.toLowerCase();
  filter.holder = byId("holder").value;
  filter.document = byId("document")?.value ?? "";
  filter.confidence = Number(byId("confidence").value) / 100;
  byId("from").textContent = percent(filter.confidence);
}

let current = null; // the judgement that the keyboard stands on
let reached = null; // the one that a step last led to
let kept = judgements;

function applyFilter() {
  readFilter();
  kept = [];
  for (const judgement of judgements) {
    const keep = keeps(judgement);
    if (keep) kept.push(judgement);
    if (keep !== judgement.kept) {
      judgement.kept = keep;
      for (const mark of judgement.marks) mark.classList.toggle("off", !keep);
    }
  }
  byId("found").textContent = `${kept.length.toLocaleString("en")} of ${judgements.length.toLocaleString("en")}`;
  countTargets();
  hidePassages();
  for (const panel of document.querySelectorAll("details.document")) {
    panel.hidden = filter.document !== "" && panel.dataset.document !== filter.document;
  }
  if (!current?.kept) moveTo(kept[0] ?? null);
}

function hidePassages() {
  const only = byId("only").checked;
  const wanted = new Set(kept.flatMap(({ marks }) => marks.map((mark) => mark.closest("p, h4"))));
  for (const passage of document.querySelectorAll(".document > p, .document > h4")) {
    passage.classList.toggle("without", only && !wanted.has(passage));
  }
  if (only) for (const { document: number } of kept) byId(`document-${number}`).open = true;
}

function chooseGroup(number) {
  filter.group = number;
  chooseWords(groups[number].label);
}

function chooseWords(words) {
  byId("target").value = words;
  byId("only").checked = true;
  applyFilter();
  byId("texts").scrollIntoView();
  if (kept.length) moveTo(kept[0]);
  say(`${kept.length} mentions of ${words}; the first is selected`);
}

// --- the table of targets ---------------------------------------------------------------------------------------
const AT_ONCE = 100;
const several = byId("document") !== null;
const COLUMNS = [
  (group) => group.name, (group) => group.id, (group) => group.kind, (group) => group.support, (group) => group.condemn,
  (group) => group.neutral, (group) => group.net, (group) => group.strength, (group) => group.documents.size,
];
const order = { column: null, descending: false };
let limit = byId("target-table").tBodies[0].rows.length;

function countTargets() {
  for (const group of groups) Object.assign(group, { support: 0, condemn: 0, neutral: 0, sum: 0, documents: new Set() });
  for (const { group, stance, strength, document } of kept) {
    groups[group][stance] += 1;
    groups[group].documents.add(document);
    if (stance !== "neutral") groups[group].sum += strength;
  }
  for (const group of groups) {
    const verdicts = group.support + group.condemn;
    group.net = (group.support - group.condemn) / (verdicts + group.neutral || 1);
    group.strength = verdicts ? group.sum / verdicts : 0;
  }
  showTargets();
}

function showTargets() {
  const counted = groups.filter((group) => group.support + group.condemn + group.neutral);
  const most = counted.reduce((highest, { support, condemn }) => Math.max(highest, support, condemn), 1);
  const turn = order.descending ? -1 : 1;
  const value = COLUMNS[order.column];
  if (value) counted.sort((a, b) => (value(a) < value(b) ? -turn : value(a) > value(b) ? turn : a.number - b.number));
  byId("target-table").tBodies[0].replaceChildren(...counted.slice(0, limit).map((group) => targetRow(group, most)));
  byId("more").hidden = counted.length <= limit;
  byId("more").textContent = `Show more of ${counted.length.toLocaleString("en")} targets`;
}

function targetRow(group, most) {
  const number = (text) => make("td", { class: "number" }, String(text));
  const bar = (stance) => make("span", { class: "bar" }, make("i", { class: `${stance} w${Math.ceil(100 * group[stance] / most)}` }));
  const name = make("button", { type: "button", class: "name", "data-group": group.number }, group.label);
  const row = make("tr", group.number === filter.group ? { class: "chosen" } : {},
    make("th", { scope: "row" }, name), make("td", { class: "id" }, group.id), make("td", {}, group.kind),
    number(group.support), number(group.condemn), number(group.neutral),
    make("td", { class: "balance" }, bar("condemn"), bar("support")), number(group.strength ? group.strength.toFixed(1) : ""));
  if (several) row.append(number(group.documents.size));
  return row;
}

// --- sorting ----------------------------------------------------------------------------------------------------
function valueOf(row, column, kind) {
  const text = row.cells[column].textContent.trim();
  return kind === "number" ? Number(text || -Infinity) : text.toLowerCase();
}

function sortBy(table, column, kind, descending) {
  if (table.id === "target-table") {
    Object.assign(order, { column, descending });
    showTargets();
    return;
  }
  const keyed = [...table.tBodies[0].rows].map((row) => [valueOf(row, column, kind), row]);
  const turn = descending ? -1 : 1;
  keyed.sort(([a], [b]) => (a < b ? -turn : a > b ? turn : 0));
  table.tBodies[0].append(...keyed.map(([, row]) => row));
}

function makeSortable(table) {
  for (const header of table.querySelectorAll("th[data-sort]")) {
    const button = make("button", { type: "button" });
    button.append(...header.childNodes);
    header.append(button);
    button.addEventListener("click", () => {
      const first = header.dataset.sort === "number" ? "descending" : "ascending";
      const other = first === "ascending" ? "descending" : "ascending";
      const direction = header.ariaSort === first ? other : first;
      for (const each of table.querySelectorAll("th[aria-sort]")) each.removeAttribute("aria-sort");
      header.setAttribute("aria-sort", direction);
      sortBy(table, header.cellIndex, header.dataset.sort, direction === "descending");
      say(`sorted by ${button.textContent.trim()}, ${direction}`);
    });
  }
}

// --- reading ----------------------------------------------------------------------------------------------------
function say(words) {
  byId("said").textContent = words;
}

const judgementAt = (element) => {
  const mark = element?.closest?.("mark[data-j]:not(.off)");
  return mark ? judgements[mark.dataset.j] : null;
};

function holderName(judgement) {
  const [name, id] = data.holders[judgement.holder];
  return id ? `${name} (${id})` : name;
}

function summary(judgement) {
  const cue = judgement.evidence ? `, by “${judgement.evidence}”` : "";
  return `${SAID[judgement.stance]}${cue}, ${percent(judgement.confidence)} sure, strength ${judgement.strength} of 5, held by ${holderName(judgement)}`;
}

/** Only one target stands in the order of the Tab key; arrows go from there. */
function moveTo(judgement) {
  for (const mark of current?.marks ?? []) mark.tabIndex = -1;
  current = judgement;
  if (judgement?.marks.length) judgement.marks[0].tabIndex = 0;
}

function goTo(judgement) {
  if (!judgement?.marks.length) return;
  moveTo(judgement);
  reached = judgement;
  const panel = judgement.marks[0].closest("details");
  if (panel) panel.open = true;
  judgement.marks[0].focus({ preventScroll: true });
  judgement.marks[0].scrollIntoView({ block: "center", behavior: "instant" });
}

function step(by) {
  const place = kept.indexOf(current);
  // the first step after a change of the filter goes to the first match, not past it
  goTo(kept[current === reached ? (place + by + kept.length) % kept.length : Math.max(place, 0)]);
}

function stepFrom(judgement, by) {
  moveTo(judgement);
  reached = judgement;
  step(by);
}

function showTip(judgement, mark) {
  const tip = byId("tip");
  tip.replaceChildren(sign(judgement.stance), ` ${summary(judgement)}`);
  tip.hidden = false;
  const box = mark.getClientRects()[0];
  const left = Math.max(8, Math.min(box.left, document.documentElement.clientWidth - tip.offsetWidth - 8));
  const above = box.top - tip.offsetHeight - 8;
  tip.style.left = `${left + scrollX}px`;
  tip.style.top = `${(above > byId("filters").getBoundingClientRect().bottom ? above : box.bottom + 10) + scrollY}px`;
}

// --- details ----------------------------------------------------------------------------------------------------
let chosen = null;

function choose(judgement) {
  for (const mark of chosen?.marks ?? []) mark.classList.remove("chosen");
  chosen = judgement;
  const panel = byId("details");
  panel.classList.toggle("filled", judgement !== null);
  if (!judgement) return;
  moveTo(judgement);
  for (const mark of judgement.marks) mark.classList.add("chosen");
  panel.replaceChildren(...detailsOf(judgement));
  panel.scrollTop = 0;
  say(`${judgement.target}: ${summary(judgement)}`);
}

function detailsOf(judgement) {
  const group = groups[judgement.group];
  const close = make("button", { type: "button", class: "close", "aria-label": "Close" }, "×");
  close.addEventListener("click", closeDetails);
  const same = make("button", { type: "button" }, `All mentions of ${group.label}`);
  same.addEventListener("click", () => chooseGroup(judgement.group));
  const facts = [
    ["Stance", make("span", { class: "verdict" }, sign(judgement.stance), ` ${judgement.stance}`)],
    ["Strength", ladder(judgement.strength)],
    ["Held by", holderName(judgement)],
    ["Cue", judgement.evidence ? `“${judgement.evidence}”` : "none: the words around the target"],
    ["Kind", [group.kind, group.id].filter(Boolean).join(", ")],
  ];
  return [
    close,
    make("h3", {}, judgement.target),
    make("dl", {}, ...facts.flatMap(([term, value]) => [make("dt", {}, term), make("dd", {}, value)])),
    make("h4", {}, "Probabilities"), chances(judgement),
    make("h4", {}, "The sentence"), quotation(judgement),
    make("h4", {}, "What the rules say"), votes(judgement),
    make("p", {}, same),
  ];
}

function ladder(strength) {
  const steps = make("span", { class: "ladder", "aria-hidden": "true" }, "●".repeat(strength) + "○".repeat(5 - strength));
  return make("span", {}, steps, ` ${strength} of 5`);
}

function chances(judgement) {
  const grid = make("div", { class: "chances" });
  for (const stance of ["support", "condemn", "neutral"]) {
    const bar = make("i", { class: `${stance} w${Math.round(100 * judgement.chances[stance])}` });
    grid.append(make("span", {}, sign(stance), ` ${stance}`), make("span", { class: "track" }, bar), percent(judgement.chances[stance]));
  }
  return grid;
}

/** The sentence with its target marked, the cue that governs it bold, the other cues under dots. */
function quotation(judgement) {
  const { text, start, end, cues, evidence } = judgement;
  const quote = make("blockquote");
  const pieces = cues.filter(([first, last]) => last <= start || first >= end);
  const governing = pieces.findLast(([first, last]) => last <= start && text.slice(first, last).replace(/\s+/g, " ") === evidence)
    ?? pieces.find(([first, last]) => text.slice(first, last).replace(/\s+/g, " ") === evidence);
  let position = 0;
  for (const piece of [...pieces, [start, end, null]].sort(([a], [b]) => a - b)) {
    const [first, last, kind] = piece;
    if (first < position) continue;
    const words = text.slice(first, last);
    quote.append(text.slice(position, first));
    quote.append(kind === null ? make("mark", { class: `${judgement.stance} s${judgement.strength}` }, words) : make(piece === governing ? "b" : "u", { title: kind }, words));
    position = last;
  }
  quote.append(text.slice(position));
  return quote;
}

function votes(judgement) {
  if (!judgement.votes.length) return make("p", {}, "None applies; the words around the target decided.");
  return make("ul", {}, ...judgement.votes.map(([rule, stance]) => make(
    "li", {}, sign(STANCES[stance]), ` ${rule.replaceAll("_", " ")}: ${STANCES[stance]}`, make("small", {}, data.rules[rule] ?? ""),
  )));
}

function closeDetails() {
  const mark = chosen?.marks[0];
  choose(null);
  byId("tip").hidden = true;
  byId("details").replaceChildren(make("p", { class: "hint" }, "Choose a target in the text to see whose view it is, how sure, and why."));
  mark?.focus({ preventScroll: true });
}

// --- listeners --------------------------------------------------------------------------------------------------
function start() {
  const held = new Map();
  for (const { holder } of judgements) held.set(holder, (held.get(holder) ?? 0) + 1);
  for (const [number, count] of [...held].sort(([, a], [, b]) => b - a)) {
    byId("holder").append(make("option", { value: number }, `${data.holders[number][0]} (${count.toLocaleString("en")})`));
  }
  document.querySelectorAll("table.sortable").forEach(makeSortable);
  moveTo(judgements[0] ?? null);
  countTargets();

  const form = byId("filters");
  form.addEventListener("input", applyFilter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => {
    filter.group = null;
    filter.stances = new Set(STANCES);
    for (const button of form.querySelectorAll(".toggle")) button.ariaPressed = "true";
    byId("only").checked = false;
    requestAnimationFrame(applyFilter); // the fields are emptied only after this event
  });
  for (const button of form.querySelectorAll(".toggle")) {
    button.addEventListener("click", () => {
      const pressed = button.ariaPressed !== "true";
      button.ariaPressed = String(pressed);
      filter.stances[pressed ? "add" : "delete"](button.dataset.stance);
      applyFilter();
    });
  }
  byId("only").addEventListener("change", hidePassages);
  byId("previous").addEventListener("click", () => step(-1));
  byId("next").addEventListener("click", () => step(1));
  byId("more").addEventListener("click", () => {
    limit += AT_ONCE;
    showTargets();
  });
  document.querySelector("main").addEventListener("click", (event) => {
    const name = event.target.closest("button.name");
    if (name?.dataset.group) chooseGroup(Number(name.dataset.group));
    else if (name) chooseWords(name.dataset.words);
  });

  const texts = document.querySelector(".columns");
  texts.addEventListener("click", (event) => {
    const judgement = judgementAt(event.target);
    if (judgement) choose(judgement);
  });
  for (const name of ["pointerover", "focusin"]) {
    texts.addEventListener(name, (event) => {
      const judgement = judgementAt(event.target);
      if (!judgement) return;
      showTip(judgement, event.target.closest("mark"));
      if (name === "focusin") say(summary(judgement));
    });
  }
  for (const name of ["pointerout", "focusout"]) texts.addEventListener(name, () => { byId("tip").hidden = true; });
  texts.addEventListener("keydown", readKey);
  byId("details").addEventListener("keydown", (event) => { if (event.key === "Escape") closeDetails(); });
  const measureBar = () => document.documentElement.style.setProperty("--bar", `${form.offsetHeight}px`);
  addEventListener("resize", measureBar);
  measureBar();
  addEventListener("beforeprint", () => {
    for (const panel of document.querySelectorAll("details.document")) panel.open = true;
  });
  document.documentElement.dataset.ready = "true";
}

function readKey(event) {
  const judgement = judgementAt(event.target);
  if (!judgement || event.ctrlKey || event.metaKey || event.altKey) return;
  const actions = {
    ArrowRight: () => stepFrom(judgement, 1),
    ArrowLeft: () => stepFrom(judgement, -1),
    Home: () => goTo(kept[0]),
    End: () => goTo(kept.at(-1)),
    Enter: () => { choose(judgement); byId("details").focus({ preventScroll: true }); },
    " ": () => choose(judgement),
    Escape: closeDetails,
  };
  if (!actions[event.key]) return;
  event.preventDefault();
  actions[event.key]();
}

start();
