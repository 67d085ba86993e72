// How far one gets: areas of equal time under a scenario switch and a minutes slider, the way there, the channels
// side by side, and every assumption. All of it was worked out beforehand; the page only chooses.
(function (RM) {
  "use strict";
  const { h, fill } = RM.popup;
  const { path } = RM.paths;
  const BAND = 15;
  const minutes = (m) => (m < 9.95 ? m.toFixed(1) : String(Math.round(m)));
  const whole = (n) => Math.round(n).toLocaleString("en-US");

  const scenario = (state) => state.data.reach.scenarios[state.reach.s];
  const step = (state, m) => state.data.reach.steps.reduce((best, s, k) => (s <= m + 1e-9 ? k : best), 0);
  const within = (t, m) => t !== null && t !== undefined && t <= m;

  // Whether thing number n is within: certain or possible, or "". Its accuracy counts as minutes, at the speed off the network.
  function judged(state, n) {
    const t = scenario(state).features[n], m = state.reach.m;
    if (t === null || (state.keep && !state.keep[n])) return "";
    const acc = state.data.columns.acc[n], r = acc >= 0 ? acc / 1000 / state.data.reach.kmh * 60 : Infinity;
    return t + r <= m ? "certain" : t - r <= m ? "possible" : "";
  }

  // What holds when all speeds are so much lower and higher.
  function holds(lists, k, m) {
    if (lists.length < 3) return "";
    return within(lists[1][k], m) ? "yes" : "depends";
  }

  // ---- painting --------------------------------------------------------------------------------------
  let sheet = null;
  function paint(v, state) {
    const data = state.data.reach;
    if (!data || !state.reach) return;
    if (state.reach.key && state.reach.paper !== state.data.style.paper) key(state);   // another theme
    const areas = scenario(state).areas, P = state.data.style.paper, list = bands(state), c = v.ctx;
    if (!sheet) sheet = document.createElement("canvas");
    sheet.width = v.width * v.ratio; sheet.height = v.height * v.ratio;
    const own = Object.assign({}, v, { ctx: sheet.getContext("2d") });
    own.ctx.scale(v.ratio, v.ratio);
    list.forEach((band) => {
      own.ctx.fillStyle = band.colour;
      path(own, plots(state, areas[band.k]), true);
      own.ctx.fill("evenodd");
    });
    c.globalAlpha = 0.6;
    c.drawImage(sheet, 0, 0, v.width, v.height);
    c.globalAlpha = 1;
    const last = step(state, state.reach.m);
    outline(v, plots(state, areas[last]), P.accent, [], 1.5);
    if (state.reach.s) outline(v, plots(state, data.scenarios[0].areas[last]), P.ink, [5, 4], 1.5);
    const x = v.x(RM.geo.mercX(data.at[0])), y = v.y(RM.geo.mercY(data.at[1]));
    c.beginPath(); c.arc(x, y, 9, 0, 7); c.fillStyle = P.halo; c.fill(); c.strokeStyle = P.accent; c.lineWidth = 2.5; c.stroke();
    c.beginPath(); c.arc(x, y, 3.2, 0, 7); c.fillStyle = P.accent; c.fill();
  }

  function outline(v, list, colour, dash, width) {
    v.ctx.strokeStyle = colour; v.ctx.lineWidth = width; v.ctx.setLineDash(dash);
    path(v, list, true);
    v.ctx.stroke(); v.ctx.setLineDash([]);
  }

  const plots = (state, n) => (n === null || n === undefined ? [] : [].concat(...state.data.shapes[n].plot.areas));

  // The bands up to the minutes chosen, the farthest first: which area, which colour, which minutes.
  function bands(state) {
    const { steps } = state.data.reach, m = state.reach.m, out = [];
    for (let edge = BAND; edge < m; edge += BAND) if (steps[step(state, edge)] === edge) out.push({ k: step(state, edge), to: edge });
    out.push({ k: step(state, m), to: m });
    const ramp = state.data.style.ramps[Math.min(out.length, 6)];   // its lightest colour is too near the paper's
    out.forEach((band, n) => { band.colour = ramp[Math.max(0, ramp.length - 1 - n)]; });
    return out.reverse();
  }

  // ---- over the map, so that it stands in every picture of it -------------------------------------------
  function key(state) {
    if (!state.reach.key) {
      const control = L.control({ position: "bottomright" });
      state.reach.key = h("div", { class: "rm-reach-key" });
      control.onAdd = () => state.reach.key;
      control.addTo(state.map);
      L.DomEvent.disableClickPropagation(state.reach.key);
    }
    const s = state.strings, data = state.data.reach, own = scenario(state);
    state.reach.paper = state.data.style.paper;
    const swatches = bands(state).reverse().map((band) => h("li", {}, RM.symbols.swatch((c, w, hgt) => {
      c.beginPath(); c.rect(2, 2, w - 4, hgt - 4); c.globalAlpha = 0.6; c.fillStyle = band.colour; c.fill(); c.globalAlpha = 1;
      c.strokeStyle = state.data.style.paper.quiet; c.lineWidth = 0.8; c.stroke();
    }), "≤ " + band.to));
    if (state.reach.s) swatches.push(h("li", {}, RM.symbols.swatch((c, w, hgt) => {
      c.beginPath(); c.moveTo(2, hgt / 2); c.lineTo(w - 2, hgt / 2); c.strokeStyle = state.data.style.paper.ink; c.lineWidth = 1.5; c.setLineDash([5, 4]); c.stroke();
    }), state.say(data.scenarios[0].title)));
    const chief = ["board_minutes.high_speed_rail", "board_minutes.planned_rail", "speed_kmh.planned_rail", "local.speed_kmh", "local.circuity", "network.schematic_share"];
    const text = chief.filter((k) => own.ledger.includes(k)).map((k) => assumption(state, data.assumptions[k], own.values[own.ledger.indexOf(k)])).join(s.listSign);
    fill(state.reach.key, h("strong", {}, s.reachHead.replace("{origin}", data.origin).replace("{m}", state.reach.m)), h("span", {}, state.say(own.title)),
      h("ul", {}, swatches), h("p", {}, s.assumed + text));
  }

  const assumption = (state, row, value) => (row ? row[state.lang === "en" ? 1 : 0] + " " + value.toLocaleString("en-US") + (row[2] === "1" ? "" : " " + row[2]) : "");

  // ---- the panel --------------------------------------------------------------------------------------
  function build(state) {
    const place = document.getElementById("rm-reach"), data = state.data.reach;
    if (!place) return;
    if (!state.reach) {
      state.reach = { s: data ? data.shown : 0, m: data ? data.minutes : 0, channel: 0 };
      if (data) link(state);
    }
    fill(place, ...(data ? times(state) : []), ...(state.data.channels ? beside(state) : []));
    if (data) choose(state, true);
  }

  function times(state) {
    const s = state.strings, data = state.data.reach, out = state.reach.out = {};
    const range = h("input", { type: "range", id: "rm-minutes", min: data.steps[0], max: data.steps[data.steps.length - 1], step: data.steps[1] - data.steps[0] || 1, value: state.reach.m, "aria-label": s.reachMinutes });
    out.number = h("output", { class: "rm-minutes", for: "rm-minutes" });
    let frame = 0;
    range.oninput = () => { state.reach.m = Number(range.value); frame = frame || requestAnimationFrame(() => { frame = 0; choose(state); }); };
    const radios = data.scenarios.map((one, k) => h("label", { class: "rm-check" }, h("input", { type: "radio", name: "rm-scenario", value: k, checked: k === state.reach.s, onchange: () => { state.reach.s = k; choose(state, true); } }), h("span", {}, state.say(one.title))));
    out.sum = h("p", { class: "rm-sum", role: "status" });
    out.people = h("p", {});
    out.change = h("p", {});
    out.way = h("section", { class: "rm-way" });
    out.units = h("tbody", {});
    out.things = h("tbody", {});
    out.ledger = h("tbody", {});
    const head = (...names) => h("thead", {}, h("tr", {}, names.map((n) => h("th", { scope: "col" }, n))));
    return [
      h("h2", {}, s.reachFrom.replace("{}", data.origin)), h("div", { role: "radiogroup", "aria-label": s.reachScenario }, radios),
      h("div", { class: "rm-slide" }, range, out.number), out.sum, out.people, out.change,
      h("p", {}, h("button", { type: "button", onclick: () => download(state) }, s.csv)), out.way,
      h("h2", {}, s.reachUnits), h("table", { class: "rm-table" }, head(s.name, s.reachTime, s.reachHolds.replace("{}", data.vary * 100)), out.units),
      h("h2", {}, s.reachThings), h("table", { class: "rm-table" }, head(s.name, s.reachTime, s.certainty), out.things),
      h("h2", {}, s.ledger), h("p", { class: "rm-quiet" }, s.ledgerNote), h("table", { class: "rm-table rm-ledger" }, head(s.assumption, s.value, s.basis), out.ledger),
    ];
  }

  let idle = 0;
  function choose(state, now) {
    const s = state.strings, data = state.data.reach, out = state.reach.out, m = state.reach.m, own = scenario(state), first = data.scenarios[0];
    out.number.textContent = s.reachUnit.replace("{}", m);
    const units = data.units.map((u, k) => k).filter((k) => data.units[k].level === "county" && within(own.units[0][k], m));
    const found = { certain: 0, possible: 0 };
    let fresh = 0;
    own.features.forEach((t, n) => {
      const word = judged(state, n);
      if (word) found[word]++;
      if (within(t, m) && !within(first.features[n], m)) fresh++;
    });
    out.sum.textContent = s.reachSum.replace("{m}", m).replace("{u}", units.length).replace("{c}", found.certain).replace("{p}", found.possible);
    const folk = own.people[step(state, m)], year = data.people.year;
    out.people.textContent = s.reachPeople.replace("{year}", year).replace("{seat}", whole(folk[0])).replace("{area}", whole(folk[1])).replace("{of}", whole(data.people.of));
    const more = units.filter((k) => !within(first.units[0][k], m)).length, base = first.people[step(state, m)];
    out.change.textContent = !state.reach.s ? "" : s.reachChange.replace("{title}", state.say(first.title)).replace("{u}", more).replace("{n}", fresh).replace("{people}", whole(folk[1] - base[1]));
    key(state);
    state.canvas.paint();
    clearTimeout(idle);
    if (now) lists(state); else idle = setTimeout(() => lists(state), 120);
  }

  function lists(state) {
    const s = state.strings, data = state.data.reach, out = state.reach.out, m = state.reach.m, own = scenario(state), first = data.scenarios[0];
    const label = (u) => (state.lang === "en" && u.en ? u.en : u.name);
    const fresh = (now, then) => (state.reach.s && within(now, m) && !within(then, m) ? h("strong", { class: "rm-new" }, " " + s.reachNew) : state.reach.s && then !== null && now !== null && then - now >= 0.95 ? h("small", {}, " −" + Math.round(then - now)) : null);
    const rows = data.units.map((u, k) => ({ u, k, t: own.units[0][k] })).filter((r) => r.u.level !== "rest" && within(r.t, m)).sort((a, b) => a.t - b.t);
    fill(out.units, ...rows.map((r) => h("tr", {}, h("td", {}, h("button", { type: "button", class: "rm-link", onclick: () => show(state, r.k) }, label(r.u)), fresh(r.t, first.units[0][r.k])),
      h("td", { class: "rm-num" }, minutes(r.t)), h("td", {}, { yes: s.holdsYes, depends: s.holdsNo, "": "" }[holds(own.units, r.k, m)]))));
    const things = own.features.map((t, n) => ({ n, t, word: judged(state, n), f: state.data.features[n] })).filter((r) => r.word)
      .sort((a, b) => (a.word > b.word) - (a.word < b.word) || a.t - b.t);
    fill(out.things, ...things.slice(0, 300).map((r) => h("tr", { class: r.word === "certain" ? "" : "rm-possible" },
      h("td", {}, h("button", { type: "button", class: "rm-link", onclick: () => RM.popup.go(state, r.f) }, RM.store.label(state, r.f)), fresh(r.t, first.features[r.n])),
      h("td", { class: "rm-num" }, minutes(r.t)), h("td", {}, s[r.word]))), things.length > 300 ? h("tr", {}, h("td", { colspan: 3 }, s.reachMore.replace("{}", things.length - 300))) : "");
    ledger(state, out.ledger, data.assumptions, own);
    state.reach.rows = { units: rows, things };
  }

  function ledger(state, place, words, own) {
    fill(place, ...own.ledger.map((key, n) => h("tr", {}, h("td", {}, words[key][state.lang === "en" ? 1 : 0], words[key][4] ? h("small", {}, " " + words[key][4]) : null),
      h("td", { class: "rm-num" }, own.values[n].toLocaleString("en-US") + (words[key][2] === "1" ? "" : " " + words[key][2])), h("td", {}, state.words("basis", words[key][3])))));
  }

  // The way to a unit: its legs in the panel, its line on the map.
  function show(state, k) {
    const s = state.strings, way = scenario(state).ways[k], u = state.data.reach.units[k], shape = way && way.g !== undefined ? state.data.shapes[way.g] : null;
    if (!way) return;
    fill(state.reach.out.way, h("h2", {}, s.reachWay.replace("{}", u.name)), h("ol", {}, way.legs.map((leg) => h("li", {}, state.words("mode", leg[0]) + (leg[1] ? " " + leg[1] : "") + s.colon,
      leg[2] === leg[3] ? leg[2] : leg[2] + " – " + leg[3], h("small", {}, " " + s.reachUnit.replace("{}", minutes(leg[4])) + (leg[5] ? " · " + minutes(leg[5]) + " km" : ""))))));
    mark(state, shape);
  }

  function mark(state, shape) {
    state.focus = shape ? { n: -1, acc: 0, shape, cites: [], aliases: [], spot: state.data.reach ? state.data.reach.at : null } : null;
    if (shape) state.map.fitBounds(RM.store.bounds(state.focus), { padding: [40, 40], maxZoom: 11 });
    state.canvas.paint();
  }

  // ---- channels ---------------------------------------------------------------------------------------
  function beside(state) {
    const s = state.strings, data = state.data.channels, legs = h("section", { class: "rm-way" }), book = h("tbody", {});
    const columns = [["days", s.days], ["km", "km"], ["borders", s.borders], ["gauge_changes", s.gauges], ["ports", s.portsPassed]];
    const open = (row, draw) => {
      state.reach.channel = data.rows.indexOf(row);
      fill(legs, h("h2", {}, row.channel), h("ol", {}, row.legs.map((leg) => h("li", {}, state.words("mode", leg.mode) + s.colon, leg.from === leg.to ? leg.from : leg.from + " – " + leg.to,
        h("small", {}, " " + [leg.km ? leg.km.toLocaleString("en-US") + " km" : "", s.daysOf.replace("{}", leg.days), leg.gauge ? leg.gauge + " mm" : "", leg.basis ? state.words("basis", leg.basis) : "", leg.note[state.lang === "en" ? 1 : 0], leg.source].filter(Boolean).join(" · "))))));
      if (!draw) return;
      const lines = [].concat(...row.legs.filter((leg) => leg.g !== undefined).map((leg) => state.data.shapes[leg.g].lines));
      mark(state, RM.store.plotted({ points: [], lines, areas: [] }));
    };
    open(data.rows[state.reach.channel], false);
    ledger(state, book, data.assumptions, data);
    return [h("h2", {}, s.channels), h("table", { class: "rm-table" }, h("thead", {}, h("tr", {}, [h("th", { scope: "col" }, s.channel)].concat(columns.map((c) => h("th", { scope: "col", class: "rm-num" }, c[1]))))),
      h("tbody", {}, data.rows.map((row) => h("tr", {}, [h("td", {}, h("button", { type: "button", class: "rm-link", onclick: () => open(row, true) }, row.channel), h("small", {}, " " + row.from + " – " + row.to))].concat(columns.map((c) => h("td", { class: "rm-num" }, (c[0] === "km" ? Math.round(row.km) : row[c[0]]).toLocaleString("en-US")))))))),
      legs, h("h2", {}, s.ledger), h("p", { class: "rm-quiet" }, s.ledgerNote), h("table", { class: "rm-table rm-ledger" }, book)];
  }

  // ---- the table as a file: the answer and, behind it, the assumptions -----------------------------------
  function csv(state) {
    const data = state.data.reach, own = scenario(state), { units, things } = state.reach.rows;
    const head = ["what", "id", "name", "minutes", "certainty_or_holds", "population", "value", "unit", "basis", "source"];
    const body = units.map((r) => ["unit", "", r.u.name, r.t, holds(own.units, r.k, state.reach.m), r.u.people === null ? "" : r.u.people])
      .concat(things.map((r) => ["feature", r.f.id, r.f.name, r.t, r.word]))
      .concat([["people", "by_seat", "", "", "", own.people[step(state, state.reach.m)][0], "", "", "", data.people.source], ["people", "by_area", "", "", "", own.people[step(state, state.reach.m)][1], "", "", "", data.people.source]])
      .concat(own.ledger.map((key, n) => { const w = data.assumptions[key]; return ["assumption", key, w[0], "", "", "", own.values[n], w[2], w[3], w[4]]; }));
    const padded = body.map((line) => line.concat(Array(head.length - line.length).fill("")));
    return "\ufeff" + [head].concat(padded).map((line) => line.map(RM.download.cell).join(",")).join("\r\n") + "\r\n";
  }

  const download = (state) => RM.download.save(RM.download.safe(state.data.reach.origin + "-" + state.reach.m) + ".csv", csv(state), "text/csv");

  // Scenario and minutes in the page's address.
  function link(state) {
    const data = state.data.reach, set = (change) => { Object.assign(state.reach, change); build(state); };
    state.link.register("scenario", (text) => set({ s: RM.link.number(text, 0, data.scenarios.length - 1) | 0 }), () => (state.reach.s === data.shown ? null : String(state.reach.s)));
    state.link.register("minutes", (text) => set({ m: RM.link.number(text, data.steps[0], data.steps[data.steps.length - 1]) }), () => (state.reach.m === data.minutes ? null : String(state.reach.m)));
  }

  RM.reach = { build, paint, choose, csv, bands };
})(window.RM = window.RM || {});
