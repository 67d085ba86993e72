// The side panel: search, layers with their legend, the question, the sources.
(function (RM) {
  "use strict";
  const { h, metres } = RM.popup;
  const get = (id) => document.getElementById(id);

  // ---- legend classes: one entry a class, never one a feature -------------------------------------
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
    if (layer.colour === "each") return f.name;
    const family = state.data.style.families[state.style.family(f)][state.lang];
    if (f.shape.lines.length) return (f.sector ? t("sector", f.sector) : family) + (f.status ? " · " + t("status", f.status) : "") + (f.ctx ? " · " + s.context : "");
    return t("kind", f.kind) + " · " + family;
  }

  function layers(state) {
    const s = state.strings;
    const box = get("rm-layers");
    box.replaceChildren(...state.data.layers.map((layer, n) => {
      layer.hidden = layer.hidden || new Set();
      const title = layer.title || s.others;
      const list = h("ul", { class: "rm-classes", hidden: !layer.visible });
      classes(state, layer).forEach((entry) => {
        const input = h("input", { type: "checkbox", checked: true, onchange: () => {
          if (input.checked) layer.hidden.delete(entry.key); else layer.hidden.add(entry.key);
          state.canvas.paint();
        } });
        list.append(h("li", {}, h("label", {}, input, swatch(state, layer, entry), h("span", {}, className(state, layer, entry)), h("b", {}, entry.count))));
      });
      const unplaced = layer.features.filter((i) => !state.data.features[i].shape).length;
      if (unplaced) list.append(h("li", { class: "rm-quiet" }, s.unplacedCount.replace("{}", unplaced)));
      const check = h("input", { type: "checkbox", id: "rm-layer-" + n, checked: layer.visible, onchange: () => {
        layer.visible = check.checked;
        list.hidden = !check.checked;
        state.canvas.paint();
      } });
      return h("section", { class: "rm-layer" }, h("h3", {}, h("label", {}, check, h("span", {}, title), h("b", {}, layer.features.length))), list);
    }), key(state));
  }

  // How status and precision are drawn, whatever the layers are.
  function key(state) {
    const s = state.strings, t = state.words, ink = "#38424f", items = [];
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

  // ---- search ----------------------------------------------------------------------------------------
  function search(state) {
    const s = state.strings, input = get("rm-search"), out = get("rm-found");
    input.setAttribute("placeholder", s.searchHint);
    input.setAttribute("aria-label", s.search);
    const show = () => {
      const word = input.value.trim().toLowerCase();
      out.replaceChildren();
      out.hidden = !word;
      if (!word) return;
      const hits = state.data.features.filter((f) => f.text.includes(word))
        .sort((a, b) => score(a, word) - score(b, word));
      out.append(...hits.slice(0, 30).map((f) => h("li", {}, h("button", { type: "button", onclick: () => { out.hidden = true; go(state, f); } },
        h("span", {}, f.name), h("small", {}, state.words("kind", f.kind) + (f.shape ? "" : " · " + s.unplaced))))));
      out.append(h("li", { class: "rm-quiet" }, s.hits.replace("{}", hits.length)));
    };
    input.addEventListener("input", show);
    input.addEventListener("keydown", (e) => {
      if (e.key === "Escape") { input.value = ""; show(); }
      if (e.key === "Enter" || e.key === "ArrowDown") { const b = out.querySelector("button"); if (b) { e.preventDefault(); if (e.key === "Enter") b.click(); else b.focus(); } }
    });
  }

  const score = (f, word) => (f.name.toLowerCase() === word ? 0 : f.name.toLowerCase().startsWith(word) ? 1 : f.name.toLowerCase().includes(word) ? 2 : 3);

  function go(state, f) {
    state.app.classList.remove("rm-open");
    if (!f.shape) { state.focus = null; get("rm-card").replaceChildren(RM.popup.card(state, f)); tab("card"); state.app.classList.add("rm-open"); return; }
    if (f.shape.points.length && !f.shape.lines.length && !f.shape.areas.length) {
      state.map.setView([f.spot[1], f.spot[0]], Math.max(state.map.getZoom(), f.acc > 20000 ? 8 : f.acc > 3000 ? 10 : 12));
    } else state.map.fitBounds(RM.store.bounds(f), { padding: [30, 30], maxZoom: 12 });
    RM.popup.open(state, [f], [f.spot[1], f.spot[0]]);
  }

  // ---- the question ----------------------------------------------------------------------------------
  function question(state) {
    const s = state.strings, q = state.data.question, select = get("rm-corridor"), range = get("rm-range"), km = get("rm-km");
    const names = q.corridors.map((n) => state.data.features[n]).sort((a, b) => !!a.ctx - !!b.ctx || a.name.localeCompare(b.name, "zh"));
    select.replaceChildren(h("option", { value: "" }, s.choose),
      ...names.map((f) => h("option", { value: f.n }, f.name + (f.ctx ? s.existing : ""))));
    // the slider runs over 0.1 to 300 km on a logarithmic scale; the box takes any number
    const toKm = (v) => Number((0.1 * Math.pow(3000, v / 1000)).toPrecision(2));
    const toRange = (k) => 1000 * Math.log(Math.max(0.1, Math.min(300, k)) / 0.1) / Math.log(3000);
    const ask = () => {
      const target = select.value === "" ? null : state.data.features[Number(select.value)];
      state.answer = target ? RM.ask.answer(state, target, Number(km.value) || 0) : null;
      list(state);
    };
    range.addEventListener("input", () => { km.value = toKm(Number(range.value)); ask(); });
    km.addEventListener("input", () => { range.value = toRange(Number(km.value)); ask(); });
    select.addEventListener("change", () => { ask(); if (state.answer) state.map.fitBounds(RM.store.bounds(state.answer.target), { padding: [40, 40] }); });
    get("rm-only").addEventListener("change", () => list(state));
    get("rm-sure").addEventListener("change", () => list(state));
    get("rm-csv").addEventListener("click", () => download(state));
    km.value = q.km;
    range.value = toRange(q.km);
    if (q.corridor !== null) select.value = q.corridor;
    state.ask = (n, distance) => { select.value = n; km.value = distance; range.value = toRange(distance); ask(); return state.answer; };
    ask();
  }

  function filtered(state) {
    const only = get("rm-only").value;
    const sure = get("rm-sure").checked;
    return state.answer.rows.filter((r) => (!only || r.f.kind === only) && (!sure || r.certain))
      .sort((a, b) => b.certain - a.certain || a.d - b.d);
  }

  function list(state) {
    const s = state.strings, out = get("rm-rows"), sum = get("rm-sum");
    get("rm-csv").disabled = !state.answer;
    if (!state.answer) { out.replaceChildren(); sum.textContent = s.askHint; state.canvas.paint(); return; }
    const only = get("rm-only"), have = new Set(state.answer.rows.map((r) => r.f.kind)), was = only.value;
    only.replaceChildren(h("option", { value: "" }, s.allKinds), ...Object.keys(state.data.words.kind).filter((k) => have.has(k)).map((k) => h("option", { value: k }, state.words("kind", k))));
    only.value = have.has(was) ? was : "";
    const rows = filtered(state), sure = rows.filter((r) => r.certain).length;
    sum.textContent = s.answer.replace("{c}", sure).replace("{p}", rows.length - sure);
    state.answer.shown = rows;
    state.canvas.paint();
    out.replaceChildren(...rows.map((r) => h("tr", { class: r.certain ? "" : "rm-possible" },
      h("td", {}, h("button", { type: "button", class: "rm-link", onclick: () => go(state, r.f) }, r.f.name), h("small", {}, " " + state.words("kind", r.f.kind))),
      h("td", { class: "rm-num" }, metres(r.d)),
      h("td", { class: "rm-num" }, r.along === null ? "" : (r.along / 1000).toFixed(1)),
      h("td", {}, r.certain ? s.certain : s.possible))));
  }

  function download(state) {
    const blob = new Blob([RM.ask.csv(state, filtered(state))], { type: "text/csv" });
    const a = h("a", { href: URL.createObjectURL(blob), download: state.answer.target.name + ".csv" });
    document.body.append(a);
    a.click();
    a.remove();
    setTimeout(() => URL.revokeObjectURL(a.href), 1000);
  }

  // ---- sources ---------------------------------------------------------------------------------------
  function sources(state) {
    const s = state.strings, d = state.data;
    get("rm-sources").replaceChildren(
      h("h3", {}, s.plans),
      h("ul", { class: "rm-plans" }, d.plans.map((p) => h("li", {}, h("strong", {}, p.title + (p.inferred ? s.inferred : "")),
        h("p", {}, [p.issuer, p.number, p.date].filter(Boolean).join(" · ")), h("p", { class: "rm-quiet" }, s.edition + " " + p.edition)))),
      h("h3", {}, s.boundaries), h("p", {}, d.footer.boundary),
      h("h3", {}, s.datum), h("p", {}, s.datumText),
      h("h3", {}, s.method), h("p", {}, s.methodText), h("p", {}, s.certainText));
  }

  function tab(name) {
    document.querySelectorAll(".rm-tabs button").forEach((b) => b.setAttribute("aria-selected", String(b.dataset.tab === name)));
    document.querySelectorAll(".rm-page").forEach((p) => { p.hidden = p.dataset.page !== name; });
  }

  function build(state) {
    document.querySelectorAll("[data-text]").forEach((el) => { el.textContent = state.strings[el.dataset.text]; });
    document.querySelectorAll("[data-label]").forEach((el) => { el.setAttribute("aria-label", state.strings[el.dataset.label]); });
    document.querySelectorAll(".rm-tabs button").forEach((b) => b.addEventListener("click", () => tab(b.dataset.tab)));
    get("rm-menu").addEventListener("click", () => {
      const open = state.app.classList.toggle("rm-open");
      get("rm-menu").setAttribute("aria-expanded", String(open));
      setTimeout(() => state.map.invalidateSize(), 0);
    });
    layers(state);
    search(state);
    question(state);
    sources(state);
    tab(state.data.question.corridor === null ? "layers" : "ask");
  }

  RM.panel = { build, classOf };
})(window.RM = window.RM || {});
