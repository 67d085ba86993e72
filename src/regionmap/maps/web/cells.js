// Regions filled with classes: painting, legend, and the card of one region.
(function (RM) {
  "use strict";
  const { seen, path } = RM.paths;
  const { h } = RM.popup;

  const shown = (state) => state.data.layers.find((l) => l.filled && l.visible);
  const number = (v) => v.toLocaleString("en-US", { maximumFractionDigits: 2 });
  const withUnit = (v, unit) => number(v) + (unit ? (unit === "%" ? "%" : " " + unit) : "");

  // The class of a value: the first whose upper limit holds it.
  function classOf(filled, value) {
    if (value === null) return -1;
    const n = filled.limits.findIndex((limit) => value <= limit);
    return n < 0 ? filled.limits.length - 1 : n;
  }
  const colours = (state, filled) => state.data.style.ramps[Math.max(0, filled.limits.length - 1)];

  function paint(v, state) {
    const layer = shown(state);
    if (!layer) return;
    const c = v.ctx, ramp = colours(state, layer.filled), P = state.data.style.paper;
    layer.filled.cells.forEach((cell) => {
      const plots = [].concat(...cell.f.shape.plot.areas);
      const n = classOf(layer.filled, cell.v);
      if (!plots.some((p) => seen(v, p.box)) || (layer.hidden && layer.hidden.has("c" + n))) return;
      path(v, plots, true);
      c.globalAlpha = 0.82; c.fillStyle = n < 0 ? P.face : ramp[n]; c.fill("evenodd"); c.globalAlpha = 1;
      if (n < 0) { c.fillStyle = RM.symbols.hatch(c, P.quiet, 0); c.fill("evenodd"); }
      c.strokeStyle = P.face; c.lineWidth = cell.h ? 0.7 : 1.6; c.setLineDash([]); c.stroke();
      state.screen.push({ f: cell.f, kind: "area" });
    });
    RM.base.edges(v, state.data);
  }

  // One entry a class: from its smallest value to its limit, and how many regions it holds.
  function classes(state, layer) {
    const filled = layer.filled, ramp = colours(state, filled), unit = state.say(filled.unit), out = [];
    filled.limits.forEach((limit, n) => {
      const of = filled.cells.filter((cell) => classOf(filled, cell.v) === n), values = of.map((cell) => cell.v);
      const low = values.length ? Math.min(...values) : limit, high = n === filled.limits.length - 1 ? Math.max(limit, low) : limit;
      out.push({ key: "c" + n, colour: ramp[n], of, count: of.length, text: low === high ? withUnit(high, unit) : number(low) + " – " + withUnit(high, unit) });
    });
    const none = filled.cells.filter((cell) => cell.v === null);
    if (none.length) out.push({ key: "c-1", colour: null, of: none, count: none.length, text: state.strings.noNumber });
    return out;
  }

  function swatch(state, entry) {
    const P = state.data.style.paper;
    return RM.symbols.swatch((c, w, hgt) => {
      c.beginPath(); c.rect(2, 2, w - 4, hgt - 4);
      c.fillStyle = entry.colour || RM.symbols.hatch(c, P.quiet, 0); c.fill();
      c.strokeStyle = P.city; c.lineWidth = 0.8; c.stroke();
    });
  }

  // What stands under the classes: what is counted, whose numbers, how the limits were found.
  function notes(state, layer) {
    const s = state.strings, filled = layer.filled, out = [];
    if (filled.measure === "targets") out.push(s.targetsCounted + (filled.left_out ? s.leftOutTargets.replace("{}", filled.left_out) : ""));
    if (filled.measure === "records") out.push(s.recordsCounted + (filled.left_out ? s.leftOut.replace("{}", filled.left_out) : ""));
    if (filled.measure === "hexagons") out.push(s.hexCounted.replace("{}", filled.grid) + (filled.left_out ? s.leftOutHex.replace("{}", number(filled.left_out)) : ""));
    if (filled.measure === "indicator") {
      const cited = filled.cells.map((cell) => state.data.targets[cell.t[0]]).map((t) => state.data.plans[t.plan].short + " " + t.clause);
      out.push(s.source + [...new Set(cited)].join("; "));
      if (filled.cells.length < 4) out.push(s.fewRegions.replace("{}", filled.cells.length));
    }
    out.push(s.scheme + (s["scheme" + filled.scheme] || filled.scheme));
    return out;
  }

  function units(state, names) {
    const english = (name) => { const u = state.lang === "en" && state.data.base.units.find((x) => x.name === name); return (u && u.en) || name; };
    return names.map(english).join(state.strings.and);
  }
  const nameOf = (state, cell) => units(state, cell.name.split("、")) + (cell.but ? RM.popup.worded(state.strings.without, { "": units(state, cell.but) }) : "") + (cell.h ? " · " + cell.h : "");

  // A target's number as the document words it.
  function wording(state, t) {
    const s = state.strings;
    if (t.comparator === "text" || t.value === undefined) return t.value_text && t.value_text !== "-" ? t.value_text : s.noValue;
    const sign = { "=": "", ">=": "≥ ", "<=": "≤ ", about: s.about }[t.comparator] || "";
    return sign + withUnit(t.value, t.unit);
  }

  function target(state, cell, t) {
    const s = state.strings, more = [
      t.baseline === undefined ? "" : (t.baseline_year || s.baseline) + ": " + withUnit(t.baseline, t.unit),
      t.growth && t.growth !== wording(state, t) ? s.growth + t.growth : "",
      t.basis ? s[t.basis] : "", t.at === cell.name ? "" : t.at,
      state.data.plans[t.plan].short + " " + t.clause,
    ];
    return h("li", {}, h("span", {}, t.indicator + " "), h("strong", {}, wording(state, t)), t.year ? " (" + t.year + ")" : "",
      h("small", {}, more.filter(Boolean).join(" · ")));
  }

  // How far a region lies from what is asked of; of how well its border is known the page holds nothing.
  function away(state, f) {
    if (!state.answer) return null;
    const hit = { d: RM.ask.one(state, f.shape, 0).d, certain: null, along: null, side: 0 };
    return [h("dt", {}, state.strings.question), h("dd", {}, RM.popup.numbers(state, hit))];
  }

  // The card of one region: its value and class, then the targets or the records behind it.
  function card(state, f, open) {
    const s = state.strings, cell = f.cell, layer = f.layer, filled = layer.filled;
    const targets = (cell.t || []).map((n) => state.data.targets[n]), records = cell.records, few = cell.h && records.length < cell.v;
    const value = cell.v === null ? s.noNumber : withUnit(cell.v, state.say(filled.unit));
    return h("article", { class: "rm-card" },
      h("h3", {}, nameOf(state, cell)),
      h("dl", {}, h("dt", {}, s.value), h("dd", {}, h("strong", {}, value)), h("dt", {}, s.layer), h("dd", {}, state.say(layer.title)), away(state, f)),
      targets.length ? h("section", {}, h("h4", {}, s.targets.replace("{}", targets.length)), h("ul", { class: "rm-targets" }, targets.map((t) => target(state, cell, t)))) : null,
      records.length ? h("section", {}, h("h4", {}, few ? RM.popup.worded(s.firstOf, { all: number(cell.v), n: records.length }) : s.records.replace("{}", records.length)), h("ul", {}, records.map((r) => h("li", {},
        h("button", { type: "button", class: "rm-link", onclick: () => open(r) }, RM.store.label(state, r)), h("small", {}, " " + state.words("kind", r.kind)))))) : null,
      targets.length || records.length || filled.measure === "column" ? null : h("p", { class: "rm-quiet" }, s.nothingHere));
  }

  RM.cells = { shown, paint, classes, swatch, notes, card, units, nameOf, withUnit, classOf };
})(window.RM = window.RM || {});
