// The list's own filter: kind, sector, status, plan, period, text, certain only. Kept as one byte a feature.
(function (RM) {
  "use strict";
  const { h, fill } = RM.popup;
  const COLUMNS = ["kind", "sector", "status", "plan"];
  const get = (id) => document.getElementById(id);

  const none = () => ({ kind: "", sector: "", status: "", plan: "", period: "", text: "", sure: false });

  function build(state, changed) {
    const s = state.strings, c = state.data.columns;
    if (!state.sought) { state.sought = none(); get("rm-sift").open = window.innerWidth > 760; }
    const word = (key, text) => (key === "plan" ? text : state.words(key, text));
    COLUMNS.forEach((key) => {
      const words = [...new Set(c[key].words)].filter(Boolean).map((w) => [w, word(key, w)]).filter((w) => w[1]);
      choice(state, key, [["", { kind: s.allKinds, sector: s.allSectors, status: s.allStatuses, plan: s.allPlans }[key]], ...words], changed);
    });
    choice(state, "period", [["", s.allPeriods], ...periods(c).map((p) => [p, p.replace("-", "–")])], changed);
    const text = get("rm-text"), sure = get("rm-sure");
    text.placeholder = s.filterHint;
    text.value = state.sought.text;
    sure.checked = state.sought.sure;
    text.oninput = () => { state.sought.text = text.value; changed(); };
    sure.onchange = () => { state.sought.sure = sure.checked; changed(); };
  }

  function choice(state, key, options, changed) {
    const select = get("rm-by-" + key);
    fill(select, ...options.map(([value, text]) => h("option", { value }, text)));
    select.value = state.sought[key];
    select.hidden = options.length < 3;
    select.onchange = () => { state.sought[key] = select.value; changed(); };
  }

  // Plan periods of five years that hold a year of the data.
  function periods(c) {
    const found = new Set(), mark = (year) => { if (year > 1900 && year < 2200) found.add(Math.floor((year - 1) / 5)); };
    c.start.forEach(mark);
    c.end.forEach(mark);
    return [...found].sort((a, b) => a - b).map((n) => (n * 5 + 1) + "-" + (n * 5 + 5));
  }

  // Writes `state.sift` (null: all pass) and `state.sure`.
  function apply(state) {
    const c = state.data.columns, f = state.sought, size = c.kind.codes.length, wanted = f.text.trim().toLowerCase();
    const codes = COLUMNS.filter((key) => f[key] && key !== "plan").map((key) => [c[key].codes, c[key].words.indexOf(f[key])]);
    if (f.plan) codes.push([named(state, f.plan), 1]);
    const years = f.period ? f.period.split("-").map(Number) : null;
    state.sure = f.sure;
    state.sift = null;
    if (!codes.length && !years && !wanted) return;
    const keep = new Uint8Array(size), hits = wanted ? RM.search.matches(state, wanted) : null;
    for (let n = 0; n < size; n++) {
      keep[n] = codes.every((pair) => pair[0][n] === pair[1]) && (!years || overlaps(c.start[n], c.end[n], years)) && (!hits || hits[n]) ? 1 : 0;
    }
    state.sift = keep;
  }

  // One byte a thing: 1 where a plan of that short title names it, the latest that does or an earlier one.
  function named(state, short) {
    const { starts, plan } = state.data.table.cites, wanted = state.data.plans.map((p) => p.short === short);
    return Uint8Array.from({ length: starts.length - 1 }, (_, n) => (plan.subarray(starts[n], starts[n + 1]).some((p) => wanted[p]) ? 1 : 0));
  }

  // A thing with one year is of that year; one without any is of no period.
  function overlaps(start, end, years) {
    const from = start > 0 ? start : end, to = end > 0 ? end : start;
    return from > 0 && from <= years[1] && to >= years[0];
  }

  // The filter in the address.
  function link(state, changed) {
    const set = (key, value) => { state.sought[key] = value; };
    COLUMNS.concat("period").forEach((key) => state.link.register(key, (text) => {
      if (![...get("rm-by-" + key).options].some((o) => o.value === text)) return;
      set(key, text); build(state, changed); changed();
    }, () => state.sought[key]));
    state.link.register("text", (text) => { set("text", text.slice(0, 100)); build(state, changed); changed(); }, () => state.sought.text);
    state.link.register("sure", (text) => { set("sure", text === "1"); build(state, changed); changed(); }, () => (state.sought.sure ? "1" : ""));
  }

  RM.sift = { build, apply, link };
})(window.RM = window.RM || {});
