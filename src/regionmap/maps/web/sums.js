// The summary table: counts and sums of investment by unit, zone, status, sector, as rm.summary counts them.
(function (RM) {
  "use strict";
  const { h, fill } = RM.popup;
  const SPECIAL = ["several", "none", "unplaced", ""];

  const ways = (state) => ["city", "unit", "zone", "status", "sector", "kind", "year"].filter((way) => (way !== "city" && way !== "unit" ? way !== "zone" || (state.data.sums.zone || []).length : state.data.sums[way]));

  // For a way to count: the words in their order, and for each thing (by its place) the numbers of its words. A
  // thing lies in each zone that holds it; `may` marks pairs that are only possible.
  function column(state, way) {
    const { sums, columns, words } = state.data, things = sums.things;
    if (way === "unit" || way === "city") return { words: sums[way].words, of: sums[way].codes.map((c) => [c]) };
    if (way === "year") {
      const years = things.map((n) => (columns.end[n] >= 0 ? columns.end[n] : columns.start[n] >= 0 ? columns.start[n] : "none"));
      const list = [...new Set(years)].sort((a, b) => (a === "none") - (b === "none") || a - b);
      return { words: list.map(String), of: years.map((y) => [list.indexOf(y)]) };
    }
    if (way === "zone") {
      const list = sums.zone.map((z) => z.name).concat("none", "unplaced"), of = things.map(() => []), may = new Set();
      sums.zone.forEach((z, k) => { z.in.forEach((place) => of[place].push(k)); z.may.forEach((place) => may.add(place + "|" + k)); });
      of.forEach((k, place) => { if (!k.length) k.push(list.length - (columns.placed[things[place]] ? 2 : 1)); });
      return { words: list, of, may };
    }
    const list = Object.keys(words[way]).filter((w) => columns[way].words.includes(w)).concat("none");
    return { words: list, of: things.map((n) => [list.indexOf(columns[way].words[columns[way].codes[n]] || "none")]) };
  }

  // The things that the chosen scope holds and that pass the filter, by their place.
  function counted(state, scope) {
    const shown = new Set(), out = [];
    if (scope === "layers") state.data.layers.filter((l) => l.visible).forEach((l) => l.features.forEach((n) => shown.add(n)));
    state.data.sums.things.forEach((n, place) => { if ((!state.keep || state.keep[n]) && (scope === "all" || shown.has(n))) out.push(place); });
    return out;
  }

  // Rows by one or two columns: labels, count, possible, unplaced, investment, and the places counted.
  function table(state, by, scope) {
    const cols = by.map((way) => column(state, way)), money = new Map(state.data.sums.money), rows = new Map(), { columns, sums } = state.data;
    counted(state, scope).forEach((place) => {
      let keys = [[]];
      cols.forEach((c) => { keys = [].concat(...keys.map((k) => c.of[place].map((w) => k.concat(w)))); });
      keys.forEach((key) => {
        const id = key.join(",");
        if (!rows.has(id)) rows.set(id, { key, by: key.map((w, n) => cols[n].words[w]), count: 0, possible: 0, unplaced: 0, investment: 0, stated: 0, unread: 0, places: [] });
        const row = rows.get(id);
        row.count++;
        row.places.push(place);
        if (key.some((w, n) => cols[n].may && cols[n].may.has(place + "|" + w))) row.possible++;
        if (!columns.placed[sums.things[place]]) row.unplaced++;
        if (!money.has(place)) return;
        if (money.get(place) === null) row.unread++; else { row.stated++; row.investment += money.get(place); }
      });
    });
    return [...rows.values()].sort((a, b) => a.key.reduce((less, k, n) => less || k - b.key[n], 0));
  }

  // A word of the table in the page's language.
  function said(state, way, word) {
    const s = state.strings;
    if (SPECIAL.includes(word)) return { several: s.several, none: way === "zone" ? s.noZone : way === "unit" || way === "city" ? s.outside : s.unsaid, unplaced: s.unplaced, "": s.unsaid }[word];
    if (way === "unit" || way === "city") return RM.cells.units(state, [word]);
    return way === "zone" ? zoneName(state, word) : state.data.words[way] ? state.words(way, word) : word;
  }
  const zoneName = (state, word) => { const f = state.lang === "en" && state.data.features.find((x) => x.name === word && x.kind === "zone"); return f ? RM.store.label(state, f) : word; };

  const yi = (v) => v.toLocaleString("en-US", { maximumFractionDigits: 4 });

  // The tab; its table is counted while somebody looks at it.
  function build(state) {
    document.getElementById("rm-tab-sums").hidden = !state.data.sums.things.length;
    RM.tabs.opens.sums = () => show(state);
    if (RM.tabs.shown() === "sums") show(state);
  }

  function show(state) {
    const page = document.getElementById("rm-page-sums"), s = state.strings, can = ways(state);
    const ask = state.sums = state.sums || { by: can[0], then: "", scope: "all" };
    const select = (key, label, options) => {
      const el = h("select", { id: "rm-sums-" + key, onchange: () => { ask[key] = el.value; if (ask.then === ask.by) ask.then = ""; show(state); document.getElementById(el.id).focus(); } },
        options.map(([value, text]) => h("option", { value, selected: ask[key] === value }, text)));
      return [h("label", { for: el.id }, label), el];
    };
    const names = { unit: s.byUnit, city: s.byCity, zone: s.byZone, status: s.status, sector: s.sector, kind: s.only, year: s.byYear };
    const by = [ask.by, ask.then].filter(Boolean), rows = table(state, by, ask.scope), all = counted(state, ask.scope).length;
    const money = rows.some((r) => r.stated || r.unread), zones = by.includes("zone");
    const head = by.map((way) => h("th", { scope: "col" }, names[way])).concat(h("th", { scope: "col", class: "rm-num" }, s.items), zones ? h("th", { scope: "col", class: "rm-num" }, s.ofThesePossible) : "", money ? h("th", { scope: "col", class: "rm-num" }, s.investmentYi) : "");
    const most = Math.max(1, ...rows.map((r) => r.count));
    const body = rows.map((r) => {
      const title = r.by.map((w, n) => said(state, by[n], w)).join(" · ");
      const count = h("button", { type: "button", class: "rm-count", "aria-label": RM.popup.worded(s.listThem, { name: title, n: r.count }), onclick: () => RM.legend.listed(state, title, r.places.map((p) => state.data.sums.things[p])) }, r.count);
      const share = h("i", { class: "rm-share", "aria-hidden": "true" });
      share.style.width = 100 * r.count / most + "%";
      return h("tr", {}, r.by.map((w, n) => (n ? h("td", {}, said(state, by[n], w)) : h("th", { scope: "row" }, said(state, by[n], w), share))),
        h("td", { class: "rm-num" }, count), zones ? h("td", { class: "rm-num" }, r.possible || "") : "", money ? h("td", { class: "rm-num" }, r.stated ? yi(r.investment) : "", r.unread ? h("small", {}, " +" + r.unread + "?") : "") : "");
    });
    fill(page, h("div", { class: "rm-form" }, select("by", s.countBy, can.map((way) => [way, names[way]])),
      select("then", s.thenBy, [["", s.nothing]].concat(can.filter((way) => way !== ask.by).map((way) => [way, names[way]]))),
      select("scope", s.scope, [["all", s.scopeAll], ["layers", s.scopeLayers]])),
    h("div", { class: "rm-slide" }, h("p", { class: "rm-sum", role: "status" }, s.rowsOfThings.replace("{rows}", rows.length).replace("{n}", all)), h("button", { type: "button", onclick: () => save(state, by, rows) }, s.csv)),
    h("table", { class: "rm-table rm-sums" }, h("thead", {}, h("tr", {}, head)), h("tbody", {}, body)),
    h("p", { class: "rm-quiet" }, zones ? s.zonesOverlap + " " : "", s.sumsNote, state.data.away ? " " + s.away.replace("{}", state.data.away.toLocaleString("en-US")) : "", money ? " " + s.moneyNote : ""));
  }

  // The same columns as rm.summary writes.
  function csv(state, by, rows) {
    const zones = by.includes("zone");
    const head = by.concat("count", zones ? "possible" : [], "unplaced", "investment_yi_cny", "investment_stated", "investment_unread");
    const body = rows.map((r) => r.by.concat(r.count, zones ? r.possible : [], r.unplaced, r.stated ? Number(r.investment.toPrecision(12)) : "", r.stated, r.unread));
    return "\ufeff" + [head].concat(body).map((line) => line.map(RM.download.cell).join(",")).join("\r\n") + "\r\n";
  }

  const save = (state, by, rows) => RM.download.save(RM.download.safe(document.title + " " + by.join("-")) + ".csv", csv(state, by, rows), "text/csv");

  RM.sums = { build, table, csv };
})(window.RM = window.RM || {});
