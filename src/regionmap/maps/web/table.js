// The list of answers: sortable by its heads, only the rows in sight in the page, so that 100,000 are no burden.
(function (RM) {
  "use strict";
  const { h, fill: put, metres } = RM.popup;
  const ROW = 31, SPARE = 8, MANY = 20000;
  const get = (id) => document.getElementById(id);

  // One entry a column: `value` sorts (by place k in what was measured), `cell` shows, `more` only in the wide list.
  function columns(state) {
    const s = state.strings, c = state.data.columns, m = state.measured, level = () => state.answer.level;
    const f = (k) => state.data.features[m.n[k]], word = (key) => (k) => state.words(key, f(k)[key]);
    const coded = (key) => (k) => c[key].codes[m.n[k]];
    return [
      { key: "name", title: s.name, cell: (k) => link(state, f(k)) },
      { key: "kind", title: s.only, value: coded("kind"), cell: word("kind"), more: true },
      { key: "sector", title: s.sector, value: coded("sector"), cell: word("sector"), more: true },
      { key: "status", title: s.status, value: coded("status"), cell: word("status"), more: true },
      { key: "plan", title: s.plan, value: coded("plan"), cell: (k) => plans(state, m.n[k]), more: true },
      { key: "period", title: s.period, value: (k) => (c.start[m.n[k]] > 0 ? c.start[m.n[k]] : c.end[m.n[k]] > 0 ? c.end[m.n[k]] : 9999), cell: (k) => RM.popup.years(f(k)), more: true },
      { key: "d", title: s.dist, value: (k) => m.d[k], cell: (k) => metres(m.d[k]), number: true },
      { key: "along", title: s.along, value: (k) => (m.along[k] >= 0 ? m.along[k] : Infinity), cell: (k) => RM.popup.chainage(m.along[k], m.slack[k]), number: true },
      { key: "side", title: s.side, value: (k) => -m.side[k], cell: (k) => RM.popup.side(state, m.side[k]), more: true },
      { key: "certainty", title: s.certainty, value: (k) => -level()[m.n[k]], cell: (k) => (level()[m.n[k]] === 2 ? s.certain : s.possible) },
    ];
  }

  // The latest plan that names a thing, then the others.
  const plans = (state, n) => { const { codes, words } = state.data.columns.plan; return [...new Set([words[codes[n]]].concat(state.data.features[n].cites.map((c) => words[c[0]])))].join("; "); };

  const link = (state, f) => h("button", { type: "button", class: "rm-link", title: RM.store.label(state, f), onclick: () => RM.popup.go(state, f) }, RM.store.label(state, f));

  function build(state) {
    state.sort = state.sort || { key: "certainty", down: false };
    const box = get("rm-list");
    let frame = 0;
    box.onscroll = () => { frame = frame || requestAnimationFrame(() => { frame = 0; rows(state); }); };
    get("rm-wide").onclick = () => {
      const wide = state.app.classList.toggle("rm-wide");
      get("rm-wide").setAttribute("aria-pressed", String(wide));
      state.map.invalidateSize({ animate: false });
      rows(state);
    };
    get("rm-csv").onclick = () => RM.download.csv(state, current(state));
    get("rm-geojson").onclick = () => RM.download.geojson(state, current(state));
    if (!build.sized) window.addEventListener("resize", () => rows(state));
    build.sized = true;
  }

  // The heads: a button in each, and on the sorted one how it is sorted.
  function heads(state) {
    const { key, down } = state.sort;
    put(get("rm-heads"), ...columns(state).map((c, n) => h("th", {
      scope: "col", class: "rm-c-" + c.key + (c.more ? " rm-more" : ""), "aria-colindex": n + 1, "aria-sort": c.key === key ? (down ? "descending" : "ascending") : "none",
    }, h("button", { type: "button", "data-sort": c.key, onclick: () => sort(state, c.key) }, c.title, h("span", { "aria-hidden": "true" }, c.key === key ? (down ? " ▾" : " ▴") : "")))));
  }

  function sort(state, key) {
    state.sort = { key, down: state.sort.key === key && !state.sort.down };
    fill(state);
    const head = document.querySelector("#rm-heads [data-sort='" + key + "']");
    if (head) head.focus();
  }

  // The list waits until the slider rests; who takes it along does not.
  function current(state) {
    if (state.listedOf !== state.answer) fill(state);
    return state.listed;
  }

  // What passes the filters, in order; then the rows in sight.
  function fill(state) {
    const box = get("rm-list");
    state.listedOf = state.answer;
    box.hidden = !state.answer;
    state.listed = state.answer ? ordered(state) : new Uint32Array(0);
    if (!state.answer) return;
    heads(state);
    get("rm-table").setAttribute("aria-rowcount", String(state.listed.length + 1));
    box.scrollTop = 0;
    rows(state);
  }

  // Places in what was measured, as the list shows them. Those lie by rising distance, which breaks every tie.
  function ordered(state) {
    const m = state.measured, level = state.answer.level, { key, down } = state.sort, out = [];
    for (let k = 0; k < m.n.length; k++) if (level[m.n[k]] && RM.answer.passes(state, m.n[k])) out.push(k);
    const value = key === "name" ? names(state, out) : columns(state).find((c) => c.key === key).value;
    const keys = new Float64Array(m.n.length), way = down ? -1 : 1;
    out.forEach((k) => { keys[k] = value(k); });
    return Uint32Array.from(out).sort((a, b) => (keys[a] === keys[b] ? a - b : (keys[a] < keys[b] ? -way : way)));
  }

  // Names by their rank: as the language sorts them; very many by their signs, which is faster.
  function names(state, list) {
    const text = new Map(list.map((k) => [k, RM.store.label(state, state.data.features[state.measured.n[k]])]));
    const by = list.length > MANY ? (a, b) => (a < b ? -1 : a > b ? 1 : 0) : new Intl.Collator(state.lang === "en" ? "en" : "zh").compare;
    const rank = new Map(list.slice().sort((a, b) => by(text.get(a), text.get(b))).map((k, n) => [k, n]));
    return (k) => rank.get(k);
  }

  function rows(state) {
    if (!state.answer || !state.listed) return;
    const box = get("rm-list"), body = get("rm-rows"), all = columns(state), level = state.answer.level, total = state.listed.length;
    const from = Math.max(0, Math.floor(box.scrollTop / ROW) - SPARE), to = Math.min(total, from + Math.ceil(box.clientHeight / ROW) + 2 * SPARE);
    const gap = (count) => { const tr = h("tr", { "aria-hidden": "true" }, h("td")); tr.style.height = count * ROW + "px"; return tr; };
    const row = (k, n) => h("tr", { class: level[state.measured.n[k]] === 2 ? "" : "rm-possible", "aria-rowindex": n + 2, "data-n": state.measured.n[k] },
      all.map((c) => h("td", { class: (c.more ? "rm-more " : "") + (c.number ? "rm-num" : "") }, c.cell(k))));
    const at = document.activeElement && body.contains(document.activeElement) ? document.activeElement.closest("tr").dataset.n : null;
    put(body, ...(from ? [gap(from)] : []), ...Array.from(state.listed.subarray(from, to), (k, i) => row(k, from + i)), ...(to < total ? [gap(total - to)] : []));
    const again = at && body.querySelector("tr[data-n='" + at + "'] button");
    if (again) again.focus({ preventScroll: true });
  }

  function linked(state) {
    state.link.register("sort", (text) => {
      const key = text.replace(/-$/, "");
      if (!state.answer || !columns(state).some((c) => c.key === key)) return;
      state.sort = { key, down: text.endsWith("-") };
      fill(state);
    }, () => (state.sort.key === "certainty" && !state.sort.down ? null : state.sort.key + (state.sort.down ? "-" : "")));
  }

  RM.table = { build, fill, link: linked };
})(window.RM = window.RM || {});
