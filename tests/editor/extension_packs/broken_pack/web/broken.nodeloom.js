/** Breaks where it can: when a control is put on the page. */

export default function setup(nodeloom) {
  nodeloom.registerWidget('BROKEN', {
    mount() {
      throw new Error('no crayon is sharp enough');
    },
  });
}
