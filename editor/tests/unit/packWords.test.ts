/** Words that packs bring for their nodes: read from the server, shown before others, never stored. */

import { afterEach, describe, expect, it, vi } from 'vitest';
import { setApi } from '../../src/api/current';
import { asTold, NO_PACK_WORDS, packWordsIn } from '../../src/model/packWords';
import { spoken } from '../../src/model/spoken';
import { useDefinitions } from '../../src/state/definitions';
import { definition } from './model_graphs';
import { fakeServer, definition as small } from './stateSupport';

const ANSWER = {
  zh: {
    nodeDefs: {
      Make: {
        display_name: '制作',
        description: '制作一张图像',
        inputs: { seed: { name: '种子数', tooltip: '随机的起点' } },
        outputs: { '0': { name: '图', tooltip: '结果' } },
      },
      Other: 5,
    },
    nodeCategories: { test: '测试类' },
  },
  en: { nodeDefs: { Make: { display_name: 'Maker' } } },
};

describe('words of packs', () => {
  it('are taken from the answer for a language, whatever else it says', () => {
    const told = asTold(small('Make'), packWordsIn(ANSWER, 'zh'));
    expect(told).toMatchObject({
      displayName: '制作',
      originalName: 'Make',
      description: '制作一张图像',
      category: '测试类',
      originalCategory: 'test',
      outputs: [{ name: 'IMAGE', label: '图', tooltip: '结果' }],
    });
    expect(told.widgets[0]).toMatchObject({ name: 'seed', label: '种子数', tooltip: '随机的起点' });
    expect(told.inputs[0]?.widget?.label).toBe('种子数');
    for (const nonsense of [{}, null, [], 'x', { zh: [] }, { zh: { nodeDefs: [] } }]) {
      expect(packWordsIn(nonsense, 'zh')).toBe(NO_PACK_WORDS);
    }
    expect(packWordsIn(ANSWER, 'constructor')).toBe(NO_PACK_WORDS);
  });

  it('leave other definitions the same objects, and go before the words of the editor', () => {
    const packs = packWordsIn(ANSWER, 'zh');
    expect(asTold(definition('VAEDecode'), packs)).toBe(definition('VAEDecode'));
    const words = { Make: '另一个', Show: '显示', test: '别的' };
    const all = spoken(
      new Map([
        ['Make', small('Make')],
        ['Show', small('Show')],
      ]),
      words,
      packs,
    );
    expect(all.get('Make')).toMatchObject({ displayName: '制作', originalName: 'Make' });
    expect(all.get('Show')).toMatchObject({ displayName: '显示', originalName: 'Show' });
  });
});

describe('the language of the page', () => {
  afterEach(() => {
    setApi(null);
    vi.resetModules();
  });

  it('brings the words of packs, in English too, and goes on without', async () => {
    const server = fakeServer();
    server.answers.set('i18n', ANSWER);
    const { speak } = await import('../../src/state/language');
    await useDefinitions.getState().load();
    const name = () => useDefinitions.getState().definitions.get('Make')?.displayName;
    await speak('zh');
    await vi.waitFor(() => expect(name()).toBe('制作'));
    await speak('en');
    await vi.waitFor(() => expect(name()).toBe('Maker'));
  });
});
