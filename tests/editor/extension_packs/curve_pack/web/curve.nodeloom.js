/** Shows values of the type CURVE, five heights from 0 to 1, as a curve with a slider at each of them. */

const POINTS = 5;
const STRAIGHT = Array.from({ length: POINTS }, (_, at) => at / (POINTS - 1));

/** Whatever a workflow had: five numbers. */
function heightsOf(value) {
  const list = Array.isArray(value) ? value : [];
  return STRAIGHT.map((usual, at) => (typeof list[at] === 'number' ? Math.min(1, Math.max(0, list[at])) : usual));
}

/** A line through the heights in a box of 100 by 100. */
function lineThrough(heights) {
  return heights.map((height, at) => `${10 + 20 * at},${100 - 100 * height}`).join(' ');
}

function curveControl(nodeloom) {
  return {
    height: 120,
    mount(element, handle) {
      element.innerHTML =
        '<div class="curve-pack"><svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true"><polyline /></svg></div>';
      const box = element.firstElementChild;
      const line = box.querySelector('polyline');
      const sliders = STRAIGHT.map((_, at) => {
        const slider = document.createElement('input');
        Object.assign(slider, { type: 'range', min: '0', max: '1', step: '0.05' });
        slider.setAttribute('aria-label', nodeloom.t('point', { number: at + 1 }));
        slider.setAttribute('aria-orientation', 'vertical');
        slider.addEventListener('input', () => handle.change(sliders.map((each) => Number(each.value))));
        box.append(slider);
        return slider;
      });
      const show = () => {
        const heights = heightsOf(handle.value);
        line.setAttribute('points', lineThrough(heights));
        for (const [at, slider] of sliders.entries()) {
          slider.value = String(heights[at]);
          slider.disabled = handle.linked;
        }
      };
      show();
      const ends = [handle.onValue(show), handle.onState(show)];
      return () => ends.forEach((end) => end());
    },
  };
}

/** Set the curves of all selected nodes to what `change` makes of them, a step of the history for each. */
function changeSelected(nodeloom, change) {
  const { nodes, selected } = nodeloom.graph();
  for (const node of nodes) {
    if (node.type === 'CurveShow' && selected.includes(node.id)) {
      nodeloom.edit.setValue(node.id, 'curve', change(heightsOf(node.values.curve)));
    }
  }
}

export default function setup(nodeloom) {
  nodeloom.addTexts('en', { point: 'Point {{number}}', straighten: 'Straighten the curve', flip: 'Flip the curve' });
  nodeloom.addTexts('zh', { point: '第 {{number}} 点', straighten: '拉直曲线', flip: '翻转曲线' });
  nodeloom.registerWidget('CURVE', curveControl(nodeloom));
  nodeloom.registerCommand({
    id: 'straighten',
    title: 'straighten',
    keys: 'Alt+S',
    run: () => changeSelected(nodeloom, () => STRAIGHT),
  });
  nodeloom.registerNodeMenu({
    id: 'flip',
    title: 'flip',
    when: (node) => node.type === 'CurveShow',
    run: (node) => nodeloom.edit.setValue(node.id, 'curve', heightsOf(node.values.curve).map((height) => 1 - height)),
  });
  const style = document.createElement('link');
  style.rel = 'stylesheet';
  style.href = new URL('./curve.css', import.meta.url).href;
  document.head.append(style);
  return () => style.remove();
}
