// Layers and their legend: one entry a class, never one a feature, and only classes that the frame in sight holds.
(function (RM) {
  "use strict";
  const { h, fill } = RM.popup;
  const ROOM = 26;   // entries that a panel shows without scrolling

  function classOf(state, layer, f) {
    if (layer.colour === "each") return "f" + f.n;
    if (state.data.points.of[f.n] >= 0) return "point|" + f.kind + "|" + state.style.family(f);
    if (f.shape && f.shape.lines.length) return ["line", f.sector, f.status, f.ctx].join("|");
    return [f.shape && f.shape.areas.length ? "area" : "point", f.kind, state.style.family(f)].join("|");
  }

  // The classes of a layer, with the numbers of their features; found once.
  function classes(state, layer) {
    if (layer.classes) return layer.classes;
    const found = new Map();
    layer.features.forEach((n, k) => {
      const f = state.data.features[n];
      if (!state.data.columns.placed[n]) return;
      const key = classOf(state, layer, f);
      if (!found.has(key)) found.set(key, { key, f, k, of: [] });
      found.get(key).of.push(n);
    });
    layer.classes = [...found.values()];
    return layer.classes;
  }

  // ---- what the frame holds --------------------------------------------------------------------------
  // Boxes of all features in Mercator coordinates, four numbers each.
  function boxes(state) {
    if (state.extents) return state.extents;
    const all = state.extents = new Float32Array(4 * state.data.features.length);
    const { of, xy } = state.data.points;
    state.data.features.forEach((f, n) => {
      if (of[n] >= 0) { const x = xy[2 * of[n]], y = xy[2 * of[n] + 1]; all.set([x, y, x, y], 4 * n); return; }
      const plot = f.shape && f.shape.plot, box = [2, 2, -1, -1];
      if (plot) plot.points.concat(plot.lines, ...plot.areas).forEach(({ box: b }) => {
        box[0] = Math.min(box[0], b[0]); box[1] = Math.min(box[1], b[1]); box[2] = Math.max(box[2], b[2]); box[3] = Math.max(box[3], b[3]);
      });
      all.set(box, 4 * n);
    });
    return all;
  }

  function frame(state) {
    const b = state.map.getBounds();
    return [RM.geo.mercX(b.getWest()), RM.geo.mercY(b.getNorth()), RM.geo.mercX(b.getEast()), RM.geo.mercY(b.getSouth())];
  }

  // Those of the numbered features that pass the filter and touch the frame.
  function inFrame(state, numbers) {
    const all = boxes(state), [x0, y0, x1, y1] = frame(state), keep = state.keep;
    return numbers.filter((n) => (!keep || keep[n]) && all[4 * n] < x1 && all[4 * n + 2] > x0 && all[4 * n + 1] < y1 && all[4 * n + 3] > y0);
  }

  function cellsInFrame(state, cells) {
    const [x0, y0, x1, y1] = frame(state);
    return cells.filter((cell) => [].concat(...cell.f.shape.plot.areas).some(({ box }) => box[0] < x1 && box[2] > x0 && box[1] < y1 && box[3] > y0));
  }

  // ---- one class -------------------------------------------------------------------------------------
  function draw(state, layer, entry) {
    if (layer.filled) return RM.cells.swatch(state, entry);
    const f = entry.f, each = state.data.style.each;
    const colour = layer.colour === "each" ? each[entry.k % each.length] : state.style.colour(f);
    return RM.symbols.swatch((c, w, hgt) => {
      if (f.shape.areas.length) {
        c.beginPath(); c.rect(2, 2, w - 4, hgt - 4);
        c.globalAlpha = 0.16; c.fillStyle = colour; c.fill(); c.globalAlpha = 1;
        if (layer.colour === "each") { c.fillStyle = RM.symbols.hatch(c, colour, entry.k % 4); c.fill(); }
        c.strokeStyle = colour; c.lineWidth = 1.6; c.setLineDash([7, 3]); c.stroke();
      } else if (f.shape.lines.length) stroke(c, w, hgt, f, colour, state.style.dash(f));
      else {
        c.translate(w / 2, hgt / 2);
        RM.symbols.symbol(c, state.style.shape(f), colour, "site", 6);
      }
    });
  }

  const stroke = (c, w, hgt, f, colour, dash) => RM.symbols.line(c, () => { c.beginPath(); c.moveTo(2, hgt / 2); c.lineTo(w - 2, hgt / 2); }, f, colour, 2.9, dash);

  function className(state, layer, entry) {
    if (layer.filled) return entry.text;
    const f = entry.f, t = state.words, s = state.strings;
    if (layer.colour === "each") return RM.store.label(state, f);
    const family = state.data.style.families[state.style.family(f)][state.lang];
    if (f.shape.lines.length) return (f.sector ? t("sector", f.sector) : family) + (f.status ? " · " + t("status", f.status) : "") + (f.ctx ? " · " + s.context : "");
    return t("kind", f.kind) + " · " + family;
  }

  // ---- the tree --------------------------------------------------------------------------------------
  function layers(state) {
    const layersOn = state.data.layers.filter((l) => l.visible), sizes = layersOn.map((l) => entries(state, l).length);
    state.data.layers.forEach((layer) => { layer.hidden = layer.hidden || new Set(); });
    if (!state.folded) {   // a long legend opens with its last layers folded
      let rows = sizes.reduce((a, b) => a + b, state.data.layers.length);
      for (let n = layersOn.length - 1; n > 1 && rows > ROOM; n--) if (sizes[n] > 2) { layersOn[n].folded = true; rows -= sizes[n]; }
      state.folded = true;
    }
    fill(document.getElementById("rm-layers"), ...state.data.layers.map((layer, n) => section(state, layer, n)), h("section", { class: "rm-layer", id: "rm-key" }));
    update(state);
    if (!state.legend) { state.legend = true; let wait = 0; state.map.on("moveend", () => { clearTimeout(wait); wait = setTimeout(() => update(state), 120); }); }
  }

  const entries = (state, layer) => (layer.filled ? RM.cells.classes(state, layer) : classes(state, layer));

  const thinned = (state, layer) => state.strings.thinned.replace("{}", layer.left_out.toLocaleString("en-US"));

  // One layer: its switch, its title and count, under it its classes while it is on and not folded.
  function section(state, layer, n) {
    const s = state.strings, title = state.say(layer.title) || s.others, id = "rm-classes-" + n;
    layer.rows = entries(state, layer).map((entry) => row(state, layer, entry));
    layer.rest = h("li", { class: "rm-quiet" });
    const notes = layer.filled ? RM.cells.notes(state, layer).map((text) => h("li", { class: "rm-quiet" }, text)) : [];
    if (layer.left_out) notes.push(h("li", { class: "rm-quiet" }, thinned(state, layer)));
    const unplaced = layer.features.filter((i) => !state.data.columns.placed[i]).length;
    if (unplaced) notes.push(h("li", { class: "rm-quiet" }, s.unplacedCount.replace("{}", unplaced)));
    const list = h("ul", { class: "rm-classes", id }, layer.rows.map((r) => r.el), layer.rest, notes);
    const check = h("input", { type: "checkbox", id: "rm-layer-" + n, onchange: () => show(state, layer, check.checked) });
    const fold = h("button", { type: "button", class: "rm-fold", "aria-controls": id, onclick: () => { layer.folded = !layer.folded; layer.follow(); } });
    layer.total = h("b", {});
    layer.follow = () => {
      check.checked = layer.visible;
      fold.hidden = !layer.visible;
      list.hidden = !layer.visible || !!layer.folded;
      fold.setAttribute("aria-expanded", String(!list.hidden));
      fold.setAttribute("aria-label", RM.popup.worded(list.hidden ? s.unfold : s.fold, { "": title }));
    };
    layer.follow();
    return h("section", { class: "rm-layer" }, h("h2", {}, h("label", {}, check, h("span", {}, title)), fold, layer.total), list);
  }

  function row(state, layer, entry) {
    const text = className(state, layer, entry), key = entry.key;
    const input = h("input", { type: "checkbox", checked: !layer.hidden.has(key), onchange: () => {
      if (input.checked) layer.hidden.delete(key); else layer.hidden.add(key);
      state.canvas.paint();
    } });
    const count = layer.filled ? h("b", {}, entry.count) : h("button", { type: "button", class: "rm-count", onclick: () => listed(state, text, inFrame(state, entry.of)) });
    return { entry, text, count, el: h("li", {}, h("label", {}, input, draw(state, layer, entry), h("span", {}, text)), count) };
  }

  // Counts and rows follow the frame and the filter.
  function update(state) {
    const s = state.strings;
    state.data.layers.forEach((layer) => {
      let away = 0;
      layer.rows.forEach((r) => {
        const n = !layer.visible ? 0 : layer.filled ? cellsInFrame(state, r.entry.of).length : inFrame(state, r.entry.of).length;
        r.n = n;
        r.el.hidden = !n;
        if (!n) away++;
        r.count.textContent = n;
        if (layer.filled) return;
        r.count.setAttribute("aria-label", RM.popup.worded(s.listThem, { name: r.text, n }));
        r.count.title = s.inView.replace("{n}", n).replace("{all}", r.entry.of.length);
      });
      layer.rest.hidden = !away;
      layer.rest.textContent = away === layer.rows.length ? s.nothingInView : s.notInView.replace("{}", away);
      layer.total.textContent = layer.filled ? layer.filled.cells.length : state.keep ? layer.features.filter((n) => state.keep[n]).length : layer.features.length;
    });
    key(state);
  }

  // The features of one class in the frame, as a list that the keyboard reaches.
  function listed(state, title, numbers) {
    const card = document.getElementById("rm-card"), back = RM.tabs.shown();
    const found = numbers.map((n) => state.data.features[n]).sort((a, b) => a.name.localeCompare(b.name, "zh"));
    const button = h("button", { type: "button", class: "rm-link rm-back", onclick: () => RM.tabs.show(back) }, "‹ " + state.strings[back]);
    fill(card, button, h("h2", {}, title), h("ul", { class: "rm-list" }, found.slice(0, 500).map((f) => h("li", {},
      h("button", { type: "button", class: "rm-link", onclick: () => RM.popup.go(state, f) }, RM.store.label(state, f)), h("small", {}, " " + state.words("precision", f.precision))))),
      found.length > 500 ? h("p", { class: "rm-quiet" }, state.strings.hits.replace("{}", found.length)) : "");
    RM.tabs.show("card");
    button.focus();
  }

  // Of the filled layers only one is on: two fills over each other say nothing.
  function show(state, layer, on) {
    if (on && layer.filled) state.data.layers.forEach((l) => { if (l.filled && l !== layer) { l.visible = false; l.follow(); } });
    layer.visible = on;
    if (on) layer.folded = false;
    layer.follow();
    state.canvas.paint();
    update(state);
  }

  // How status and precision are drawn, whatever the layers are: what of it the frame holds.
  function keys(state) {
    const s = state.strings, t = state.words, out = [], ink = state.style.colour({ sector: "rail" }), statuses = new Set(), known = new Set(), drawn = new Set();
    state.data.layers.filter((l) => l.visible && !l.filled).forEach((layer) => layer.classes.forEach((entry) => {
      if (layer.hidden.has(entry.key)) return;
      const line = entry.f.shape.lines.length, point = !line && !entry.f.shape.areas.length;
      inFrame(state, line || point ? entry.of : []).forEach((n) => { const f = state.data.features[n]; if (line) { statuses.add(f.status); drawn.add(f.drawn); } else known.add(state.style.precise(f) ? "site" : f.precision === "town" ? "town" : "county"); });
    }));
    Object.keys(state.data.words.status).filter((status) => statuses.has(status)).forEach((status) => {
      const f = { status, kind: "corridor", sector: "road" };
      out.push([() => RM.symbols.swatch((c, w, hgt) => stroke(c, w, hgt, f, ink, state.data.style.dashes[status])), t("status", status)]);
    });
    if (drawn.has("schematic")) {   // joined from places: the way between them is not known
      const trace = (c, w, hgt) => () => { c.beginPath(); c.moveTo(5, hgt - 5); c.lineTo(w / 2, 5); c.lineTo(w - 5, hgt - 5); };
      out.push([() => RM.symbols.swatch((c, w, hgt) => { RM.symbols.line(c, trace(c, w, hgt), { kind: "corridor", sector: "road" }, ink, 1.6, []); }), s.keySchematic]);
    }
    [["site", s.keySite], ["town", s.keyTown], ["county", s.keyCounty]].filter(([precision]) => known.has(precision)).forEach(([precision, text]) => {
      out.push([() => RM.symbols.swatch((c, w, hgt) => { c.translate(w / 2, hgt / 2); RM.symbols.symbol(c, "circle", ink, precision, 6); }), text]);
    });
    return out;
  }

  function key(state) {
    const items = keys(state).map(([picture, text]) => h("li", {}, picture(), h("span", {}, text)));
    const el = document.getElementById("rm-key");
    fill(el, h("h2", {}, state.strings.key), h("ul", { class: "rm-classes rm-two" }, items));
    el.hidden = !items.length;
  }

  // What a printed legend holds: for each layer that shows something its title and pairs of picture and text; what
  // looks the same in two layers stands once.
  function printed(state) {
    const said = new Set(), fresh = (key) => !said.has(key) && said.add(key);
    const groups = state.data.layers.filter((l) => l.visible).map((layer) => [state.say(layer.title) || state.strings.others,
      layer.rows.filter((r) => r.n && !layer.hidden.has(r.entry.key) && (layer.filled || fresh(r.entry.key))).map((r) => [() => draw(state, layer, r.entry), r.text]), layer.filled ? RM.cells.notes(state, layer) : layer.left_out ? [thinned(state, layer)] : []]);
    return groups.concat([[state.strings.key, keys(state)]]).filter((g) => g[1].length);
  }

  // The numbers of the plans that what is shown is taken from.
  function plans(state) {
    const found = new Set();
    state.data.layers.filter((l) => l.visible).forEach((layer) => {
      layer.features.filter((n) => !state.keep || state.keep[n]).forEach((n) => state.data.features[n].cites.forEach((c) => found.add(c[0])));
      if (layer.filled) layer.filled.cells.forEach((cell) => (cell.t || []).forEach((n) => found.add(state.data.targets[n].plan)));
    });
    return [...found].sort((a, b) => a - b);
  }

  RM.legend = { layers, update, show, classOf, listed, printed, plans };
})(window.RM = window.RM || {});
