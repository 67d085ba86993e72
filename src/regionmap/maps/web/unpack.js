// Reads the page's data: base64, deflated, an index and columns of bytes behind it (written by packing.py).
(function (RM) {
  "use strict";

  function bytesOf(text) {
    const raw = atob(text), out = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) out[i] = raw.charCodeAt(i);
    return out;
  }

  function opened(bytes) {
    if (typeof DecompressionStream === "undefined") return Promise.resolve(RM.inflate(bytes));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Response(stream).arrayBuffer().then((buffer) => new Uint8Array(buffer));
  }

  // The index, and a reader of what follows it: to be asked in the order of the index.
  function unpack(text) {
    return opened(bytesOf(text)).then((bytes) => {
      const size = bytes[0] | bytes[1] << 8 | bytes[2] << 16 | bytes[3] << 24;
      return { index: JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + size))), read: reader(bytes, 4 + size) };
    });
  }

  // A field that is worked out when it is first asked for.
  function lazy(of, key, make) {
    const get = () => { const value = make(); Object.defineProperty(of, key, { value }); return value; };
    return Object.defineProperty(of, key, { get, enumerable: true, configurable: true });
  }

  // Where each of many begins, from how many each has.
  function begins(counts) {
    const out = new Uint32Array(counts.length + 1);
    for (let i = 0; i < counts.length; i++) out[i + 1] = out[i] + counts[i];
    return out;
  }

  // Columns are read when they are first asked for: the map is seen before most of them are.
  function reader(bytes, start) {
    let at = start;

    // What is worked out from the next `size` bytes when it is first asked for.
    function later(size, make) {
      const from = at;
      let held = null;
      at += size;
      return () => (held === null ? (held = make(from)) : held);
    }

    function planes(from, [count, width], kind) {
      const out = new (kind || (width < 2 ? Uint8Array : width < 3 ? Uint16Array : Uint32Array))(count);
      if (width) out.set(bytes.subarray(from, from + count));
      for (let plane = 1; plane < width; plane++) {
        const shift = 8 * plane, start = from + plane * count;
        for (let i = 0; i < count; i++) out[i] |= bytes[start + i] << shift;
      }
      return out;
    }

    const soon = (spec) => later(spec[0] * spec[1], (from) => planes(from, spec));
    const whole = (spec, kind) => later(spec[0] * spec[1], (from) => planes(from, spec, kind))();

    function zigzag(spec) {
      const out = whole(spec, Uint32Array), signed = new Int32Array(out.buffer);
      for (let i = 0; i < out.length; i++) signed[i] = (out[i] >>> 1) ^ -(out[i] & 1);
      return signed;
    }

    function steps(spec) {
      const out = zigzag(spec);
      for (let i = 1; i < out.length; i++) out[i] += out[i - 1];
      return out;
    }

    // Texts: words and their numbers, or one long text and where each begins.
    function texts(spec) {
      if (spec.words) {
        const codes = soon(spec.codes), words = spec.words;
        return lazy({ words, at: (n) => words[codes()[n]] }, "codes", codes);
      }
      const lengths = soon(spec.lengths), text = later(spec.bytes, (from) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(from, from + spec.bytes)));
      const out = lazy({ text, at: (n) => text().slice(out.starts[n], out.starts[n + 1]) }, "starts", () => begins(lengths()));
      return out;
    }

    // Numbers, NaN where there is none: a call.
    function numbers(spec) {
      if (spec.words) {
        const words = Float64Array.from(spec.words, (w) => (w === null ? NaN : w)), codes = soon(spec.codes);
        return () => Float64Array.from(codes(), (c) => words[c]);
      }
      return later(8 * spec.floats, (from) => {
        const out = new Float64Array(spec.floats), raw = new Uint8Array(out.buffer);
        for (let plane = 0; plane < 8; plane++, from += spec.floats) for (let i = 0; i < spec.floats; i++) raw[8 * i + plane] = bytes[from + i];
        return out;
      });
    }

    return { whole, soon, zigzag, steps, texts, numbers };
  }

  Object.assign(RM, { unpack, lazy, begins });
})(window.RM = window.RM || {});
