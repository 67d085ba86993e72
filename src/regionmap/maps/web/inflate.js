// Opens zlib data (RFC 1950 and 1951) where the browser brings no DecompressionStream (before Chromium 80, Firefox 113).
(function (RM) {
  "use strict";
  const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
  const LENGTH = [], LENGTH_BITS = [], DISTANCE = [], DISTANCE_BITS = [];
  for (let i = 0, at = 3; i < 28; i++) { LENGTH_BITS[i] = i < 8 ? 0 : (i >> 2) - 1; LENGTH[i] = at; at += 1 << LENGTH_BITS[i]; }
  LENGTH[28] = 258; LENGTH_BITS[28] = 0;
  for (let i = 0, at = 1; i < 30; i++) { DISTANCE_BITS[i] = i < 4 ? 0 : (i >> 1) - 1; DISTANCE[i] = at; at += 1 << DISTANCE_BITS[i]; }

  // Canonical code as a table over the next `most` bits: symbol times 16 plus length.
  function table(lengths) {
    const most = Math.max(1, ...lengths), out = new Uint16Array(1 << most), next = new Uint16Array(17), count = new Uint16Array(17);
    lengths.forEach((n) => { count[n]++; });
    count[0] = 0;
    for (let n = 1; n <= most; n++) next[n + 1] = (next[n] + count[n]) << 1;
    lengths.forEach((n, symbol) => {
      if (!n) return;
      let code = next[n]++, turned = 0;
      for (let k = 0; k < n; k++) { turned = (turned << 1) | (code & 1); code >>= 1; }
      for (let k = turned; k < out.length; k += 1 << n) out[k] = symbol * 16 + n;
    });
    return { out, mask: out.length - 1 };
  }

  let plain = null;
  function fixed() {
    if (!plain) {
      const lengths = Array.from({ length: 288 }, (_, n) => (n < 144 ? 8 : n < 256 ? 9 : n < 280 ? 7 : 8));
      plain = [table(lengths), table(new Array(30).fill(5))];
    }
    return plain;
  }

  function inflate(bytes) {
    let at = 2, hold = 0, have = 0, out = new Uint8Array(bytes.length * 6 + 1024), n = 0, last = 0;
    const need = (count) => { while (have < count) { hold |= bytes[at++] << have; have += 8; } };
    const bits = (count) => { need(count); const v = hold & ((1 << count) - 1); hold >>>= count; have -= count; return v; };
    const symbol = (t) => {
      need(15);   // what is read beyond the end is nought and never used
      const entry = t.out[hold & t.mask];
      if (!(entry & 15)) throw new Error("the page's data is damaged");
      hold >>>= entry & 15; have -= entry & 15;
      return entry >> 4;
    };
    const room = (more) => { if (n + more > out.length) { const wider = new Uint8Array(2 * (n + more)); wider.set(out); out = wider; } };
    while (!last) {
      last = bits(1);
      const type = bits(2);
      if (type === 0) {
        at -= have >> 3; hold = have = 0;
        const size = bytes[at] | bytes[at + 1] << 8;
        room(size);
        out.set(bytes.subarray(at + 4, at + 4 + size), n);
        at += 4 + size; n += size;
        continue;
      }
      const [letters, distances] = type === 1 ? fixed() : dynamic(bits, symbol);
      for (let s = symbol(letters); s !== 256; s = symbol(letters)) {
        room(258);
        if (s < 256) { out[n++] = s; continue; }
        const size = LENGTH[s - 257] + bits(LENGTH_BITS[s - 257]), d = symbol(distances), back = DISTANCE[d] + bits(DISTANCE_BITS[d]);
        for (let k = 0; k < size; k++, n++) out[n] = out[n - back];
      }
    }
    return out.subarray(0, n);
  }

  function dynamic(bits, symbol) {
    const letters = bits(5) + 257, distances = bits(5) + 1, codes = bits(4) + 4, short = new Array(19).fill(0);
    for (let k = 0; k < codes; k++) short[ORDER[k]] = bits(3);
    const t = table(short), lengths = [];
    while (lengths.length < letters + distances) {
      const s = symbol(t);
      if (s < 16) { lengths.push(s); continue; }
      const value = s === 16 ? lengths[lengths.length - 1] : 0, times = s === 16 ? 3 + bits(2) : s === 17 ? 3 + bits(3) : 11 + bits(7);
      for (let k = 0; k < times; k++) lengths.push(value);
    }
    return [table(lengths.slice(0, letters)), table(lengths.slice(letters))];
  }

  RM.inflate = inflate;
})(window.RM = window.RM || {});
