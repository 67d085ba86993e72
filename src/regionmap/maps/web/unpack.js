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

  function reader(bytes, start) {
    let at = start;

    function whole([count, width], kind) {
      const out = new (kind || (width < 2 ? Uint8Array : width < 3 ? Uint16Array : Uint32Array))(count);
      for (let plane = 0; plane < width; plane++, at += count) {
        const shift = 8 * plane;
        for (let i = 0; i < count; i++) out[i] |= bytes[at + i] << shift;
      }
      return out;
    }

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

    // Texts: words and their numbers, or one long text that is decoded when first asked for and where each begins.
    function texts(spec) {
      if (spec.words) {
        const codes = whole(spec.codes), words = spec.words;
        return { words, codes, at: (n) => words[codes[n]] };
      }
      const lengths = whole(spec.lengths), starts = new Uint32Array(lengths.length + 1), raw = bytes.subarray(at, at + spec.bytes);
      at += spec.bytes;
      for (let i = 0; i < lengths.length; i++) starts[i + 1] = starts[i] + lengths[i];
      let all = null;
      const text = () => (all === null ? (all = new TextDecoder("utf-8", { ignoreBOM: true }).decode(raw)) : all);
      return { starts, text, at: (n) => text().slice(starts[n], starts[n + 1]) };
    }

    function numbers(spec) {
      if (spec.words) {
        const words = spec.words.map((w) => (w === null ? NaN : w));
        return Float64Array.from(whole(spec.codes), (c) => words[c]);
      }
      const out = new Float64Array(spec.floats), raw = new Uint8Array(out.buffer);
      for (let plane = 0; plane < 8; plane++, at += spec.floats) for (let i = 0; i < spec.floats; i++) raw[8 * i + plane] = bytes[at + i];
      return out;
    }

    return { whole, zigzag, steps, texts, numbers };
  }

  RM.unpack = unpack;
})(window.RM = window.RM || {});
