// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/model/formatError';
import { stringifyJson } from '../../src/model/json';
import { opened } from '../../src/model/open';
import { pictureFormat, textsIn } from '../../src/model/pictures';
import { writeWorkflow } from '../../src/model/serialize';
import { DEFINITIONS, fixture, nodeOf, SHIPPED, textOf } from './formatsKit';

type Bytes = readonly number[] | Uint8Array;

function ascii(text: string): number[] {
  return [...text].map((character) => character.charCodeAt(0));
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function joined(...parts: readonly Bytes[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

function big(number: number): number[] {
  return [number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255];
}

function little(number: number): number[] {
  return big(number).reverse();
}

function chunk(kind: string, data: Bytes): Uint8Array {
  return joined(big(data.length), ascii(kind), data, [0, 0, 0, 0]);
}

function png(...chunks: readonly Uint8Array[]): Uint8Array {
  const header = chunk('IHDR', Array(13).fill(1));
  return joined(
    [137, 80, 78, 71, 13, 10, 26, 10],
    header,
    ...chunks,
    chunk('IDAT', [1, 2]),
    chunk('IEND', []),
  );
}

async function packed(data: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([data.slice()]).stream().pipeThrough(new CompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

interface Field {
  readonly tag: number;
  readonly text: string;
}

/** Fields of an EXIF block, in either order of bytes. */
function exif(fields: readonly Field[], isLittle = true): Uint8Array {
  const four = isLittle ? little : big;
  const two = (number: number) => (isLittle ? [number & 255, number >> 8] : [number >> 8, number & 255]);
  const start = 8 + 2 + 12 * fields.length + 4;
  let values: Uint8Array = new Uint8Array();
  let directory = joined(two(fields.length));
  for (const { tag, text } of fields) {
    const value = joined(utf8(text), [0]);
    directory = joined(directory, two(tag), two(2), four(value.length), four(start + values.length));
    values = joined(values, value);
  }
  return joined(ascii(isLittle ? 'II*\0' : 'MM\0*'), four(8), directory, four(0), values);
}

function webp(block: Uint8Array): Uint8Array {
  const body = joined(ascii('WEBPVP8 '), little(3), [1, 2, 3, 0], ascii('EXIF'), little(block.length), block);
  return joined(ascii('RIFF'), little(body.length), body);
}

function jpeg(block: Uint8Array): Uint8Array {
  const length = block.length + 8;
  const segment = joined([0xff, 0xe1, length >> 8, length & 255], ascii('Exif\0\0'), block);
  return joined([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2], segment, [0xff, 0xda, 0, 2, 9, 9, 0xff, 0xd9]);
}

const WORKFLOW = '{"nodes": [], "links": [], "version": 0.4}';
const PROMPT = '{"1": {"class_type": "Whole", "inputs": {}}}';
const FIELDS: readonly Field[] = [
  { tag: 0x10f, text: `workflow:${WORKFLOW}` },
  { tag: 0x110, text: `prompt:${PROMPT}` },
];

async function keyOf(act: () => Promise<unknown>): Promise<string> {
  try {
    await act();
  } catch (error) {
    return error instanceof FormatError ? error.key : String(error);
  }
  return 'nothing thrown';
}

describe('texts in pictures', () => {
  it('are read from plain chunks of PNG', async () => {
    const picture = png(
      chunk('tEXt', ascii(`prompt\0${PROMPT}`)),
      chunk('tEXt', ascii(`workflow\0${WORKFLOW}`)),
      chunk('tEXt', ascii('workflow\0{}')),
    );
    expect(await textsIn(picture)).toEqual({ workflow: WORKFLOW, prompt: PROMPT });
  });

  it('are read from packed and from international chunks', async () => {
    const picture = png(
      chunk('zTXt', joined(ascii('prompt\0\0'), await packed(utf8(PROMPT)))),
      chunk(
        'iTXt',
        joined(ascii('workflow\0\u0001\0zh\0工\0'.replace('工', 'x')), await packed(utf8('{"名": 1}'))),
      ),
    );
    expect(await textsIn(picture)).toEqual({ workflow: '{"名": 1}', prompt: PROMPT });
    const plain = png(chunk('iTXt', joined(ascii('workflow\0\0\0\0\0'), utf8('é'))));
    expect((await textsIn(plain)).workflow).toBe('é');
  });

  it('are read as Latin where they are no UTF-8', async () => {
    expect((await textsIn(png(chunk('tEXt', ascii('workflow\0\xe9'))))).workflow).toBe('é');
  });

  it('are read from EXIF of WebP and JPEG, in both orders of bytes', async () => {
    for (const isLittle of [true, false]) {
      const block = exif(FIELDS, isLittle);
      expect(await textsIn(webp(block))).toEqual({ workflow: WORKFLOW, prompt: PROMPT });
      expect(await textsIn(webp(joined(ascii('Exif\0\0'), block)))).toEqual({
        workflow: WORKFLOW,
        prompt: PROMPT,
      });
      expect(await textsIn(jpeg(block))).toEqual({ workflow: WORKFLOW, prompt: PROMPT });
    }
  });

  it('are none in other files and in broken ones', async () => {
    const none = { workflow: null, prompt: null };
    const block = exif(FIELDS);
    expect(await textsIn(new Uint8Array())).toEqual(none);
    expect(await textsIn(utf8('plain text'))).toEqual(none);
    expect(await textsIn(png())).toEqual(none);
    expect(await textsIn(png(chunk('zTXt', ascii('workflow\0\0no deflate'))))).toEqual(none);
    expect(await textsIn(png(chunk('tEXt', ascii('workflow'))))).toEqual({ workflow: '', prompt: null });
    expect(await textsIn(webp(block.subarray(0, 9)))).toEqual(none);
    expect(await textsIn(webp(joined(ascii('II*\0'), little(0xfffffff0))))).toEqual(none);
    expect(await textsIn(webp(joined(block.subarray(0, 8), [255, 255], block.subarray(10, 20))))).toEqual(
      none,
    );
  });

  it('are looked for in every piece cut short without breaking', async () => {
    for (const whole of [
      png(chunk('tEXt', ascii(`workflow\0${WORKFLOW}`))),
      webp(exif(FIELDS)),
      jpeg(exif(FIELDS)),
    ]) {
      for (let length = 0; length < whole.length; length += 1) {
        await expect(textsIn(whole.subarray(0, length))).resolves.toBeDefined();
      }
    }
  });

  it('are not unpacked without bounds', async () => {
    const bomb = await packed(new Uint8Array(60_000_000));
    expect(bomb.length).toBeLessThan(100_000);
    expect(await textsIn(png(chunk('zTXt', joined(ascii('workflow\0\0'), bomb))))).toEqual({
      workflow: null,
      prompt: null,
    });
  });

  it('know the formats', () => {
    expect([png(), webp(exif([])), jpeg(exif([])), utf8('{}')].map(pictureFormat)).toEqual([
      'png',
      'webp',
      'jpeg',
      null,
    ]);
  });
});

describe('opening', () => {
  const shipped = SHIPPED.get('text_to_image.json') ?? '';

  it('reads workflows and prompts, with a mark of byte order too', async () => {
    const graph = await opened('a.json', utf8(`\uFEFF${textOf('subgraphs.json')}`), DEFINITIONS);
    expect(writeWorkflow(graph, DEFINITIONS)).toEqual(fixture('subgraphs.json'));
    expect((await opened('b.json', utf8(shipped), DEFINITIONS)).nodes.size).toBe(7);
  });

  it('reads what was sent to the server', async () => {
    const body = `{"prompt": ${shipped}, "client_id": "x"}`;
    expect((await opened('b.json', utf8(body), DEFINITIONS)).nodes.size).toBe(7);
    const workflow = stringifyJson(fixture('values.json'));
    const both = `{"prompt": ${shipped}, "extra_data": {"extra_pnginfo": {"workflow": ${workflow}}}}`;
    expect((await opened('b.json', utf8(both), DEFINITIONS)).nodes.size).toBe(11);
  });

  it('reads pictures, the workflow before the prompt', async () => {
    const workflow = textOf('text_to_image_04.json');
    const both = png(
      chunk('iTXt', joined(ascii('workflow\0\0\0\0\0'), utf8(workflow))),
      chunk('tEXt', ascii(`prompt\0${PROMPT}`)),
    );
    const graph = await opened('a.png', both, DEFINITIONS);
    expect(nodeOf(graph, '4').title).toBe('Model');
    const one = png(chunk('tEXt', ascii(`prompt\0${PROMPT.replace('{}}', '{"is_changed": NaN}}')}`)));
    expect((await opened('a.png', one, DEFINITIONS)).nodes.size).toBe(1);
  });

  it('says what is wrong', async () => {
    expect(await keyOf(() => opened('a', utf8('{'), DEFINITIONS))).toBe('format.notJson');
    expect(await keyOf(() => opened('a', utf8('{"a": 1}'), DEFINITIONS))).toBe('format.notAWorkflow');
    expect(await keyOf(() => opened('a', png(), DEFINITIONS))).toBe('format.noWorkflowInside');
    expect(await keyOf(() => opened('a', new Uint8Array(50_000_001), DEFINITIONS))).toBe('format.tooLarge');
    const deep = png(chunk('tEXt', ascii(`workflow\0${'['.repeat(10_000)}`)));
    expect(await keyOf(() => opened('a', deep, DEFINITIONS))).toBe('format.tooDeep');
  });
});
