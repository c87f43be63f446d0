import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const SERVER = 'http://127.0.0.1:8188';

const MERGES = 'virtual:clip-merges';
const MERGES_FILE = new URL('../diffusion/clip/vocabulary/bpe_simple_vocab_16e6.txt.gz', import.meta.url);
/** How many merges CLIP uses; the first line of the file names the table. */
const MERGES_USED = 48894;

/** Makes an asset of the part of the tokenizer's merge table that is used, and a module that tells its address. */
function clipMerges(): Plugin {
  let isBuild = false;
  const source = () =>
    gunzipSync(readFileSync(MERGES_FILE))
      .toString('utf-8')
      .split('\n')
      .slice(1, MERGES_USED + 1)
      .join('\n');
  return {
    name: 'clip-merges',
    configResolved(config) {
      isBuild = config.command === 'build';
    },
    resolveId: (id) => (id === MERGES ? `\0${id}` : null),
    load(id) {
      if (id !== `\0${MERGES}`) return null;
      if (!isBuild) {
        const text = Buffer.from(source()).toString('base64');
        return `export default 'data:text/plain;base64,${text}';`;
      }
      const file = this.emitFile({ type: 'asset', name: 'clip-merges.txt', source: source() });
      return `export default import.meta.ROLLUP_FILE_URL_${file};`;
    },
  };
}

export default defineConfig({
  plugins: [react(), clipMerges()],
  base: './',
  build: {
    outDir: '../server/static',
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    proxy: {
      '/api': { target: SERVER, changeOrigin: true },
      '/extensions': { target: SERVER, changeOrigin: true },
      '/ws': { target: SERVER, ws: true, changeOrigin: true },
    },
  },
  test: {
    include: ['tests/unit/**/*.test.{ts,tsx}'],
    environment: 'happy-dom',
    restoreMocks: true,
  },
});
