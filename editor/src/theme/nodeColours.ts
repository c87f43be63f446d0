/** The colours that nodes and groups are offered. */

/** Dark enough for light titles, as other editors show these files too. */
export const NODE_COLOURS: readonly (readonly [colour: string, key: string])[] = [
  ['#7a2e35', 'widgets.colour.red'],
  ['#7d4a24', 'widgets.colour.orange'],
  ['#6f5d1c', 'widgets.colour.yellow'],
  ['#2f6138', 'widgets.colour.green'],
  ['#1f5f63', 'widgets.colour.teal'],
  ['#2c5080', 'widgets.colour.blue'],
  ['#57407f', 'widgets.colour.violet'],
  ['#4a4d55', 'widgets.colour.grey'],
];
