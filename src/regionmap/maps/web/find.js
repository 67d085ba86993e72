// Search in columns: every text of one kind is looked through as one long string, words that come again once.
(function (RM) {
  "use strict";
  const OTHER = 1, IN_NAME = 2, BEGINS = 3, NAME = 4;

  // Calls `hit(item, at, all)` for each text of a column that holds the word: where in it, and whether it is all.
  function each(column, word, hit) {
    if (column.codes) {
      const at = column.words.map((w) => folded(w).indexOf(word));
      if (at.every((v) => v < 0)) return;
      column.codes.forEach((code, item) => { if (at[code] >= 0) hit(item, at[code], column.words[code].length === word.length); });
      return;
    }
    const { starts } = column, text = lower(column), last = starts.length - 1;
    for (let item = 0, p = text.indexOf(word); p >= 0; p = text.indexOf(word, p)) {
      item = holder(starts, item, last, p);
      if (p + word.length <= starts[item + 1]) { hit(item, p - starts[item], starts[item + 1] - starts[item] === word.length); p = starts[item + 1]; } else p++;
    }
  }

  // In small letters and half-width signs ((四) finds （四）), as long as before: the few letters whose small form is
  // longer stay as they are.
  function folded(text) {
    const half = text.replace(/[\u3000\uff01-\uff5e]/g, (c) => (c === "\u3000" ? " " : String.fromCharCode(c.charCodeAt(0) - 0xfee0))), low = half.toLowerCase();
    return low.length === text.length ? low : Array.from(half, (c) => (c.toLowerCase().length === c.length ? c.toLowerCase() : c)).join("");
  }

  function lower(column) {
    if (column.lower === undefined) column.lower = folded(column.text());
    return column.lower;
  }

  // The item that holds place p; from `item` on, as places only grow.
  function holder(starts, item, last, p) {
    let low = item, high = item + 1;
    for (let step = 1; high < last && starts[high] <= p; step *= 2) { low = high; high = Math.min(last, high + step); }
    while (high - low > 1) { const middle = (low + high) >> 1; if (starts[middle] <= p) low = middle; else high = middle; }
    return low;
  }

  // The thing to which each item of a list column belongs.
  function owners(list) {
    if (!list.owner) {
      list.owner = new Uint32Array(list.starts[list.starts.length - 1]);
      for (let n = 0; n + 1 < list.starts.length; n++) list.owner.fill(n, list.starts[n], list.starts[n + 1]);
    }
    return list.owner;
  }

  // What the plans say where, as "plan clause", each once.
  function said(t) {
    if (!t.cites.said) {
      const place = new Map(), words = [], codes = new Uint32Array(t.cites.plan.length);
      for (let k = 0; k < codes.length; k++) {
        const text = t.data.plans[t.cites.plan[k]].short + " " + t.cites.clause.at(k);
        if (!place.has(text)) { place.set(text, words.length); words.push(text); }
        codes[k] = place.get(text);
      }
      t.cites.said = { words, codes };
    }
    return t.cites.said;
  }

  // How well each thing fits a word: 0 not at all, to 4: it is the name.
  function scores(data, word) {
    const t = data.table, out = new Uint8Array(t.count);
    if (!word) return out.fill(OTHER);
    const other = (item) => { if (!out[item]) out[item] = OTHER; };
    each(t.texts.name, word, (n, at, all) => { out[n] = all ? NAME : at === 0 ? BEGINS : IN_NAME; });
    each(t.texts.en, word, other);
    each(t.texts.id, word, other);
    each(t.aliases.text, word, (k) => other(owners(t.aliases)[k]));
    each(said(t), word, (k) => other(owners(t.cites)[k]));
    return out;
  }

  // The regions of filled layers that stand for targets: found by what their targets are called.
  const regions = (data) => [].concat(...data.layers.filter((l) => l.filled && !["records", "hexagons"].includes(l.filled.measure)).map((l) => l.filled.cells.map((c) => c.f)));

  function rate(f, word) {
    const name = folded(f.name);
    return !folded(f.text).includes(word) ? 0 : name === word ? NAME : name.startsWith(word) ? BEGINS : name.includes(word) ? IN_NAME : OTHER;
  }

  // The best `limit` of what holds a text in name, English name, id, alias, plan or clause, and how many do.
  function find(state, text, limit) {
    const { data } = state, word = folded(text), score = scores(data, word), cells = regions(data).map((f) => [f, rate(f, word)]), hits = [];
    for (let wanted = NAME; wanted > 0 && hits.length < limit; wanted--) {
      for (let n = score.indexOf(wanted); n >= 0 && hits.length < limit; n = score.indexOf(wanted, n + 1)) hits.push(data.features[n]);
      cells.forEach(([f, own]) => { if (own === wanted && hits.length < limit) hits.push(f); });
    }
    let total = cells.filter((c) => c[1]).length;
    for (let n = 0; n < score.length; n++) if (score[n]) total++;
    return { hits, total };
  }

  RM.store.find = find;
  RM.store.scores = (state, text) => scores(state.data, folded(text));
})(window.RM = window.RM || {});
