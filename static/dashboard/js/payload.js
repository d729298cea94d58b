"use strict";
// Search in a payload's tree. What does not match folds away; hits are marked, counted and stepped through.
document.addEventListener("DOMContentLoaded", () => {
  const bar = document.querySelector("[data-find-in]");
  if (!bar) return;
  const tree = document.getElementById(bar.dataset.findIn);
  const field = bar.querySelector("input");
  const count = bar.querySelector("[role=status]");
  const steps = [...bar.querySelectorAll("[data-find-step]")];
  const branches = [...tree.querySelectorAll("details")];
  const asItWas = branches.map((branch) => branch.open);
  const lines = [...tree.querySelectorAll("li")].map((item) => {
    const branch = item.querySelector(":scope > details");
    const parts = [...(branch ? branch.querySelector("summary") : item).querySelectorAll("b, bdi, i")];
    return { item, branch, parts, text: parts.map((part) => part.textContent).join("\n").toLowerCase() };
  });
  let hits = [];
  let at = -1;

  const mark = (parts, words) => {
    const length = words.length;
    for (const part of parts) {
      const text = part.textContent;
      const lower = text.toLowerCase();
      const start = lower.length === text.length ? lower.indexOf(words) : -1;
      if (start < 0) continue;
      const found = document.createElement("mark");
      found.textContent = text.slice(start, start + length);
      part.replaceChildren(text.slice(0, start), found, text.slice(start + length));
    }
  };

  const say = () => {
    const { wordsNone, wordsFound, wordsAt } = bar.dataset;
    const words = !field.value.trim() ? "" : !hits.length ? wordsNone : at < 0 ? wordsFound : wordsAt;
    count.textContent = words.replace("{number}", hits.length).replace("{at}", at + 1);
    steps.forEach((button) => { button.disabled = !hits.length; });
  };

  const find = () => {
    const words = field.value.trim().toLowerCase();
    tree.querySelectorAll("mark").forEach((found) => found.replaceWith(found.textContent));
    tree.querySelectorAll("b, bdi, i").forEach((part) => part.normalize());
    tree.querySelectorAll("[data-at]").forEach((item) => delete item.dataset.at);
    at = -1;
    hits = words ? lines.filter((line) => line.text.includes(words)) : [];
    const kept = new Set();
    for (const { item, parts } of hits) {
      mark(parts, words);
      for (let above = item; above && tree.contains(above); above = above.parentElement.closest("li")) kept.add(above);
      item.querySelectorAll("li").forEach((below) => kept.add(below));
    }
    const hit = new Set(hits.map((line) => line.item));
    lines.forEach(({ item }) => { item.hidden = Boolean(words && hits.length) && !kept.has(item); });
    branches.forEach((branch, number) => {
      branch.open = words && hits.length ? [...branch.querySelectorAll("li")].some((item) => hit.has(item)) : asItWas[number];
    });
    say();
  };

  const step = (by) => {
    if (!hits.length) return;
    if (at >= 0) delete hits[at].item.dataset.at;
    at = at < 0 && by < 0 ? hits.length - 1 : (at + by + hits.length) % hits.length;
    hits[at].item.dataset.at = "";
    hits[at].item.scrollIntoView({ block: "nearest" });
    say();
  };

  field.addEventListener("input", find);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") { event.preventDefault(); step(event.shiftKey ? -1 : 1); }
    if (event.key === "Escape" && field.value) { event.preventDefault(); field.value = ""; find(); }
  });
  steps.forEach((button) => button.addEventListener("click", () => step(Number(button.dataset.findStep))));
  bar.hidden = false;
});
