// The question: of what (a corridor, any thing, a zone, a place, a line by hand) and within which distance.
(function (RM) {
  "use strict";
  const { h, fill } = RM.popup;
  const get = (id) => document.getElementById(id);
  // the slider runs over 0.1 to 300 km on a logarithmic scale; the box takes any number
  const toKm = (v) => Number((0.1 * Math.pow(3000, v / 1000)).toPrecision(2));
  const toRange = (k) => 1000 * Math.log(Math.max(0.1, Math.min(300, k)) / 0.1) / Math.log(3000);

  function build(state) {
    const q = state.data.question, range = get("rm-range"), km = get("rm-km"), select = get("rm-corridor");
    if (!state.asked) state.asked = { target: q.corridor === null ? null : state.data.features[q.corridor], km: q.km };
    if (state.asked.target && state.asked.target.made) state.asked.target.name = madeName(state, state.asked.target);
    km.value = state.asked.km;
    range.value = toRange(state.asked.km);
    // a slider gives more ticks than frames: one question a frame
    let frame = 0;
    const soon = () => { frame = frame || requestAnimationFrame(() => { frame = 0; ask(state, false); }); };
    range.oninput = () => { state.asked.km = toKm(Number(range.value)); km.value = state.asked.km; soon(); };
    km.oninput = () => {
      if (km.value === "") return;   // a number is about to be typed
      state.asked.km = Math.max(0, Math.min(1000, Number(km.value) || 0)); range.value = toRange(state.asked.km);
      soon();
    };
    km.onchange = () => { km.value = state.asked.km; };
    select.onchange = () => choose(state, select.value === "" ? null : state.data.features[Number(select.value)], true);
    get("rm-pick").onclick = () => RM.sketch.start(state, "place", (points) => choose(state, made(state, "place", points), false));
    get("rm-draw").onclick = () => RM.sketch.start(state, "line", (points) => choose(state, made(state, points.length > 1 ? "line" : "place", points), false));
    RM.sift.build(state, () => refresh(state, true));
    RM.table.build(state);
    targets(state);
    state.refiltered = () => refresh(state, true);
    state.ask = (n, distance) => {
      state.asked = { target: state.data.features[n], km: distance };
      km.value = distance; range.value = toRange(distance);
      targets(state);
      ask(state, true);
      return state.answer;
    };
    ask(state, true);
  }

  // Corridors and zones in groups; what else is asked of stands before them.
  function targets(state) {
    const s = state.strings, select = get("rm-corridor"), target = state.asked.target, { features, question } = state.data;
    const by = new Intl.Collator(state.lang === "en" ? "en" : "zh"), named = (list) => list.map((n) => features[n]).sort((a, b) => by.compare(RM.store.label(state, a), RM.store.label(state, b)));
    const option = (f) => h("option", { value: f.n }, RM.store.label(state, f));
    const group = (label, list) => (list.length ? h("optgroup", { label }, list.map(option)) : null);
    const corridors = named(question.corridors), zones = named(RM.zones.all(state).map((z) => z.n));
    const listed = target && (target.kind === "corridor" || zones.includes(target));
    fill(select, ...[h("option", { value: "" }, s.choose), target && !listed ? h("option", { value: target.n }, RM.popup.name(state, target)) : null,
      group(s.corridorsPlanned, corridors.filter((f) => !f.ctx)), group(s.corridorsExisting, corridors.filter((f) => f.ctx)), group(s.zonesGroup, zones)].filter(Boolean));
    select.value = target ? String(target.n) : "";
  }

  // A target made by hand; `points` as [lon, lat].
  function made(state, how, points) {
    const shape = how === "line" ? { lines: [[].concat(...points)] } : { points: [points[0]] };
    const target = RM.ask.adhoc("", shape, 0);
    target.made = how;
    target.given = points;
    target.name = madeName(state, target);
    return target;
  }
  const madeName = (state, t) => (t.made === "line" ? state.strings.drawnLine : state.strings.pickedPlace.replace("{}", RM.popup.degrees(t.given[0])));

  function choose(state, target, fit) {
    state.asked.target = target;
    targets(state);
    ask(state, true);
    if (!target) return;
    if (fit) state.map.fitBounds(RM.store.bounds(target), { padding: [40, 40], maxZoom: 12 });
    RM.tabs.show("ask");
    RM.tabs.menu(state, true);
  }

  let idle = 0;
  function ask(state, now) {
    const { target, km } = state.asked;
    state.answer = target ? RM.ask.answer(state, target, km) : null;
    refresh(state, now);
  }

  // The numbers follow each tick of the slider; the list waits until it rests.
  function refresh(state, now) {
    if (now) RM.sift.apply(state);   // a tick of the slider changes no filter
    tell(state);
    clearTimeout(idle);
    const rest = () => { state.canvas.paint(); RM.table.fill(state); };
    if (now) { rest(); return; }
    state.canvas.tick();
    idle = setTimeout(rest, 120);
  }

  function tell(state) {
    const s = state.strings, sum = get("rm-sum");
    ["rm-csv", "rm-geojson"].forEach((id) => { get(id).disabled = !state.answer; });
    if (!state.answer) { sum.textContent = s.askHint; return; }
    const found = RM.ask.count(state.answer, (n) => RM.answer.passes(state, n));
    sum.textContent = s.answer.replace("{c}", found.certain).replace("{p}", found.possible) + (state.data.away ? " " + s.away.replace("{}", state.data.away.toLocaleString("en-US")) : "");
  }

  // The question in the address: f: a thing's id, p: a place, d: a drawn line.
  function link(state) {
    const first = state.data.question, { register } = state.link;
    const said = (t) => (t.made ? (t.made === "line" ? "d:" : "p:") + t.given.map((p) => p.join(",")).join(";") : "f:" + t.id);
    register("q", (text) => {
      const rest = text.slice(2), how = { "p:": "place", "d:": "line" }[text.slice(0, 2)];
      const target = how ? made(state, how, RM.link.places(rest)) : text === "none" ? null : state.data.features.find((f) => f.id === rest);
      if (target === undefined || (target && !target.shape)) return;
      state.asked.target = target;
      targets(state);
      ask(state, true);
    }, () => {
      const t = state.asked.target;
      return t ? (t.n === first.corridor ? null : said(t)) : first.corridor === null ? null : "none";
    });
    register("km", (text) => {
      state.asked.km = RM.link.number(text, 0, 1000);
      get("rm-km").value = state.asked.km;
      get("rm-range").value = toRange(state.asked.km);
      ask(state, true);
    }, () => (state.asked.km === first.km ? null : String(state.asked.km)));
    RM.sift.link(state, () => refresh(state, true));
    RM.table.link(state);
  }

  RM.question = { build, choose, made, refresh, link };
})(window.RM = window.RM || {});
