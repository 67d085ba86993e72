// The side panel: search, the question, the sources.
(function (RM) {
  "use strict";
  const { h, fill, metres } = RM.popup;
  const get = (id) => document.getElementById(id);

  // ---- search ----------------------------------------------------------------------------------------
  function search(state) {
    const s = state.strings, input = get("rm-search"), out = get("rm-found");
    input.setAttribute("placeholder", s.searchHint);
    input.setAttribute("aria-label", s.search);
    const show = () => {
      const word = input.value.trim().toLowerCase();
      fill(out);
      out.hidden = !word;
      if (!word) return;
      const hits = state.data.features.concat(regions(state)).filter((f) => f.text.includes(word))
        .sort((a, b) => score(a, word) - score(b, word));
      out.append(...hits.slice(0, 30).map((f) => h("li", {}, h("button", { type: "button", onclick: () => { out.hidden = true; go(state, f); } },
        h("span", {}, RM.popup.name(state, f)), h("small", {}, f.cell ? f.layer.title : state.words("kind", f.kind) + (f.shape ? "" : " · " + s.unplaced))))));
      out.append(h("li", { class: "rm-quiet" }, s.hits.replace("{}", hits.length)));
    };
    input.oninput = show;
    input.onkeydown = (e) => {
      if (e.key === "Escape") { input.value = ""; show(); }
      if (e.key === "Enter" || e.key === "ArrowDown") { const b = out.querySelector("button"); if (b) { e.preventDefault(); if (e.key === "Enter") b.click(); else b.focus(); } }
    };
  }

  const score = (f, word) => (f.name.toLowerCase() === word ? 0 : f.name.toLowerCase().startsWith(word) ? 1 : f.name.toLowerCase().includes(word) ? 2 : 3);

  // The regions of filled layers that stand for targets: found by what their targets are called.
  const regions = (state) => [].concat(...state.data.layers.filter((l) => l.filled && l.filled.measure !== "records").map((l) => l.filled.cells.map((c) => c.f)));

  function go(state, f) {
    state.app.classList.remove("rm-open");
    if (f.cell && !f.layer.visible) RM.legend.show(state, f.layer, true);
    if (!f.shape) { state.focus = null; fill(get("rm-card"), RM.popup.card(state, f)); tab("card"); state.app.classList.add("rm-open"); return; }
    if (f.shape.points.length && !f.shape.lines.length && !f.shape.areas.length) {
      state.map.setView([f.spot[1], f.spot[0]], Math.max(state.map.getZoom(), f.acc > 20000 ? 8 : f.acc > 3000 ? 10 : 12));
    } else state.map.fitBounds(RM.store.bounds(f), { padding: [30, 30], maxZoom: 12 });
    RM.popup.open(state, [f], [f.spot[1], f.spot[0]]);
  }

  // ---- the question ----------------------------------------------------------------------------------
  function question(state) {
    const s = state.strings, q = state.data.question, select = get("rm-corridor"), range = get("rm-range"), km = get("rm-km");
    const names = q.corridors.map((n) => state.data.features[n]).sort((a, b) => !!a.ctx - !!b.ctx || a.name.localeCompare(b.name, "zh"));
    fill(select, h("option", { value: "" }, s.choose),
      ...names.map((f) => h("option", { value: f.n }, RM.store.label(state, f) + (f.ctx ? s.existing : ""))));
    // the slider runs over 0.1 to 300 km on a logarithmic scale; the box takes any number
    const toKm = (v) => Number((0.1 * Math.pow(3000, v / 1000)).toPrecision(2));
    const toRange = (k) => 1000 * Math.log(Math.max(0.1, Math.min(300, k)) / 0.1) / Math.log(3000);
    let idle = 0;
    const ask = (now) => {
      const target = select.value === "" ? null : state.data.features[Number(select.value)];
      state.answer = target ? RM.ask.answer(state, target, Number(km.value) || 0) : null;
      tell(state);
      state.canvas.paint();
      clearTimeout(idle);
      if (now) list(state); else idle = setTimeout(() => list(state), 120);
    };
    // a slider gives more ticks than frames: one question a frame
    let frame = 0;
    const soon = () => { frame = frame || requestAnimationFrame(() => { frame = 0; ask(); }); };
    range.oninput = () => { km.value = toKm(Number(range.value)); soon(); };
    km.oninput = () => { range.value = toRange(Number(km.value)); soon(); };
    select.onchange = () => { ask(true); if (state.answer) state.map.fitBounds(RM.store.bounds(state.answer.target), { padding: [40, 40] }); };
    ["rm-only", "rm-sure"].forEach((id) => { get(id).onchange = () => { sift(state); list(state); state.canvas.paint(); }; });
    get("rm-csv").onclick = () => download(state);
    const asked = state.answer ? { n: state.answer.target.n, km: state.answer.km } : { n: q.corridor, km: q.km };
    km.value = asked.km;
    range.value = toRange(asked.km);
    if (asked.n !== null) select.value = asked.n;
    state.ask = (n, distance) => { select.value = n; km.value = distance; range.value = toRange(distance); ask(true); return state.answer; };
    ask(true);
  }

  // The list's own filter, for the list and for the rings on the map: `state.sift` by feature number (null: all
  // pass), `state.sure` leaves out what is only possible.
  function sift(state) {
    const only = get("rm-only").value, kind = state.data.columns.kind, code = kind.words.indexOf(only);
    state.sift = only ? Uint8Array.from(kind.codes, (c) => (c === code ? 1 : 0)) : null;
    state.sure = get("rm-sure").checked;
  }

  const filtered = (state) => state.answer.rows().filter((r) => RM.answer.passes(state, r.f.n));

  // The numbers under the slider follow each tick; the list waits until the slider rests.
  function tell(state) {
    const s = state.strings, sum = get("rm-sum");
    get("rm-csv").disabled = !state.answer;
    if (!state.answer) { sum.textContent = s.askHint; return; }
    const found = RM.ask.count(state.answer, (n) => RM.answer.passes(state, n));
    sum.textContent = s.answer.replace("{c}", found.certain).replace("{p}", found.possible);
  }

  function list(state) {
    const s = state.strings, out = get("rm-rows");
    if (!state.answer) { fill(out); return; }
    const only = get("rm-only"), have = new Set(state.answer.rows().map((r) => r.f.kind)), was = only.value;
    fill(only, h("option", { value: "" }, s.allKinds), ...Object.keys(state.data.words.kind).filter((k) => have.has(k)).map((k) => h("option", { value: k }, state.words("kind", k))));
    only.value = have.has(was) ? was : "";
    sift(state);
    tell(state);
    fill(out, ...filtered(state).map((r) => h("tr", { class: r.certain ? "" : "rm-possible" },
      h("td", {}, h("button", { type: "button", class: "rm-link", onclick: () => go(state, r.f) }, RM.store.label(state, r.f)), h("small", {}, " " + state.words("kind", r.f.kind))),
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
    fill(get("rm-sources"), h("h3", {}, s.plans),
      h("ul", { class: "rm-plans" }, d.plans.map((p) => h("li", {}, h("strong", {}, p.title + (p.inferred ? s.inferred : "")),
        h("p", {}, [p.issuer, p.number, p.date].filter(Boolean).join(" · ")), h("p", { class: "rm-quiet" }, s.edition + " " + p.edition)))),
      h("h3", {}, s.boundaries), h("p", {}, state.say(d.footer.boundary)),
      h("h3", {}, s.datum), h("p", {}, s.datumText),
      h("h3", {}, s.method), h("p", {}, s.methodText), h("p", {}, s.certainText));
  }

  const tab = (name) => RM.tabs.show(name);

  function build(state) {
    search(state);
    question(state);
    sources(state);
  }

  RM.panel = { build, go };
})(window.RM = window.RM || {});
