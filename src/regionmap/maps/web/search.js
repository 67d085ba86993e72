// Search: any part of a name, alias, plan or clause; the list works by keyboard.
(function (RM) {
  "use strict";
  const { h, fill } = RM.popup;
  const MOST = 30;

  function build(state) {
    const s = state.strings, input = document.getElementById("rm-search"), out = document.getElementById("rm-found");
    input.setAttribute("placeholder", s.searchHint);
    input.setAttribute("aria-label", s.search);
    input.setAttribute("aria-controls", out.id);
    const item = (f) => h("li", {}, h("button", { type: "button", onclick: () => { out.hidden = true; RM.popup.go(state, f); } },
      h("span", {}, RM.popup.name(state, f)), h("small", {}, f.cell ? state.say(f.layer.title) : state.words("kind", f.kind) + (f.shape ? "" : " · " + s.unplaced))));
    const show = () => {
      const word = input.value.trim();
      fill(out);
      out.hidden = !word;
      if (!word) return;
      const found = find(state, word, MOST);
      out.append(...found.list.map(item), h("li", { class: "rm-quiet", role: "status" }, s.hits.replace("{}", found.count)));
    };
    input.oninput = show;
    input.onkeydown = (e) => {
      if (e.key === "Escape") { input.value = ""; show(); }
      if (e.key === "Enter" || e.key === "ArrowDown") step(e, out, input, e.key === "Enter" ? "click" : 1);
    };
    out.onkeydown = (e) => {
      const by = { ArrowDown: 1, ArrowUp: -1, Home: -MOST, End: MOST }[e.key];
      if (by) step(e, out, input, by);
      if (e.key === "Escape") { e.stopPropagation(); out.hidden = true; input.focus(); }
    };
  }

  // From the box into the list, up and down in it, and from its top back into the box.
  function step(e, out, input, by) {
    const all = [...out.querySelectorAll("button")], at = all.indexOf(document.activeElement);
    if (!all.length) return;
    e.preventDefault();
    if (by === "click") { all[0].click(); return; }
    if (at + by < 0 && by === -1) input.focus();
    else all[Math.max(0, Math.min(all.length - 1, at + by))].focus();
  }

  const score = (f, word) => (f.name.toLowerCase() === word ? 0 : f.name.toLowerCase().startsWith(word) ? 1 : f.name.toLowerCase().includes(word) ? 2 : 3);

  // The regions of filled layers that stand for targets: found by what their targets are called.
  const regions = (state) => [].concat(...state.data.layers.filter((l) => l.filled && l.filled.measure !== "records").map((l) => l.filled.cells.map((c) => c.f)));

  // The best `most` of what holds a text, and how many there are.
  function find(state, text, most) {
    const word = text.toLowerCase(), hits = state.data.features.concat(regions(state)).filter((f) => f.text.includes(word));
    return { count: hits.length, list: hits.sort((a, b) => score(a, word) - score(b, word)).slice(0, most) };
  }

  // One byte a feature: 1 where it holds the text.
  const matches = (state, text) => { const word = text.toLowerCase(); return Uint8Array.from(state.data.features, (f) => (f.text.includes(word) ? 1 : 0)); };

  RM.search = { build, find, matches };
})(window.RM = window.RM || {});
