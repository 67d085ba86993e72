// Layers and their legend: one entry a class, never one a feature.
(function (RM) {
  "use strict";
  const { h, fill } = RM.popup;

  function classOf(state, layer, f) {
    if (layer.colour === "each") return "f" + f.n;
    const drawn = f.shape && f.shape.lines.length ? "line" : f.shape && f.shape.areas.length ? "area" : "point";
    return [drawn, drawn === "line" && f.sector === "rail" ? "rail" : "", f.kind, state.style.family(f), drawn === "line" ? f.status || "" : ""].join("|");
  }

  function classes(state, layer) {
    const found = new Map();
    layer.features.forEach((n, k) => {
      const f = state.data.features[n];
      if (!f.shape) return;
      const key = classOf(state, layer, f);
      if (!found.has(key)) found.set(key, { key, f, k, count: 0 });
      found.get(key).count++;
    });
    return [...found.values()];
  }

  function swatch(state, layer, entry) {
    const f = entry.f, each = state.data.style.each;
    const colour = layer.colour === "each" ? each[entry.k % each.length] : state.style.colour(f);
    return RM.symbols.swatch((c, w, hgt) => {
      if (f.shape.areas.length) {
        c.beginPath(); c.rect(2, 2, w - 4, hgt - 4);
        c.globalAlpha = 0.16; c.fillStyle = colour; c.fill(); c.globalAlpha = 1;
        if (layer.colour === "each") { c.fillStyle = RM.symbols.hatch(c, colour, entry.k % 4); c.fill(); }
        c.strokeStyle = colour; c.lineWidth = 1.6; c.setLineDash([7, 3]); c.stroke();
      } else if (f.shape.lines.length) {
        RM.symbols.line(c, () => { c.beginPath(); c.moveTo(2, hgt / 2); c.lineTo(w - 2, hgt / 2); }, f, colour, 2.9, state.style.dash(f));
      } else {
        c.translate(w / 2, hgt / 2);
        RM.symbols.symbol(c, state.style.shape(f), colour, "site", 6);
      }
    });
  }

  function className(state, layer, entry) {
    const f = entry.f, t = state.words, s = state.strings;
    if (layer.colour === "each") return RM.store.label(state, f);
    const family = state.data.style.families[state.style.family(f)][state.lang];
    if (f.shape.lines.length) return (f.sector ? t("sector", f.sector) : family) + (f.status ? " · " + t("status", f.status) : "") + (f.ctx ? " · " + s.context : "");
    return t("kind", f.kind) + " · " + family;
  }

  function layers(state) {
    const parts = state.data.layers.map((layer, n) => (layer.filled ? filled(state, layer, n) : records(state, layer, n)));
    fill(document.getElementById("rm-layers"), ...parts, key(state));
  }

  function records(state, layer, n) {
    const s = state.strings;
    const entries = classes(state, layer).map((entry) => item(state, layer, entry.key, swatch(state, layer, entry), className(state, layer, entry), entry.count));
    const unplaced = layer.features.filter((i) => !state.data.features[i].shape).length;
    if (unplaced) entries.push(h("li", { class: "rm-quiet" }, s.unplacedCount.replace("{}", unplaced)));
    return section(state, layer, n, layer.title || s.others, layer.features.length, entries);
  }

  function filled(state, layer, n) {
    const entries = RM.cells.classes(state, layer).map((entry) => item(state, layer, entry.key, RM.cells.swatch(state, entry), entry.text, entry.count));
    RM.cells.notes(state, layer).forEach((text) => entries.push(h("li", { class: "rm-quiet" }, text)));
    return section(state, layer, n, layer.title, layer.filled.cells.length, entries);
  }

  function item(state, layer, key, picture, text, count) {
    layer.hidden = layer.hidden || new Set();
    const input = h("input", { type: "checkbox", checked: true, onchange: () => {
      if (input.checked) layer.hidden.delete(key); else layer.hidden.add(key);
      state.canvas.paint();
    } });
    return h("li", {}, h("label", {}, input, picture, h("span", {}, text), h("b", {}, count)));
  }

  // One layer: its switch, its title and count, under it its classes while it is on.
  function section(state, layer, n, title, count, entries) {
    const list = h("ul", { class: "rm-classes", hidden: !layer.visible }, entries);
    const check = h("input", { type: "checkbox", id: "rm-layer-" + n, checked: layer.visible, onchange: () => show(state, layer, check.checked) });
    layer.follow = () => { check.checked = layer.visible; list.hidden = !layer.visible; };
    return h("section", { class: "rm-layer" }, h("h3", {}, h("label", {}, check, h("span", {}, title), h("b", {}, count))), list);
  }

  // Of the filled layers only one is on: two fills over each other say nothing.
  function show(state, layer, on) {
    if (on && layer.filled) state.data.layers.forEach((l) => { if (l.filled && l !== layer) { l.visible = false; l.follow(); } });
    layer.visible = on;
    layer.follow();
    state.canvas.paint();
  }

  // How status and precision are drawn, whatever the layers are.
  function key(state) {
    const s = state.strings, t = state.words, ink = state.style.colour({ sector: "rail" }), items = [];
    ["operating", "upgrading", "under_construction", "planned", "proposed"].forEach((status) => {
      const f = { status, kind: "corridor", sector: "road" };
      items.push([RM.symbols.swatch((c, w, hgt) => RM.symbols.line(c, () => {
        c.beginPath(); c.moveTo(2, hgt / 2); c.lineTo(w - 2, hgt / 2);
      }, f, ink, 2.9, state.data.style.dashes[status])), t("status", status)]);
    });
    [["site", s.keySite], ["town", s.keyTown], ["county", s.keyCounty]].forEach(([precision, text]) => {
      items.push([RM.symbols.swatch((c, w, hgt) => { c.translate(w / 2, hgt / 2); RM.symbols.symbol(c, "circle", ink, precision, 6); }), text]);
    });
    return h("section", { class: "rm-layer" }, h("h3", {}, s.key), h("ul", { class: "rm-classes" },
      items.map(([el, text]) => h("li", {}, el, h("span", {}, text)))));
  }

  RM.legend = { layers, show, classOf };
})(window.RM = window.RM || {});
