import { describe, expect, it } from 'vitest';
import { ServerClock } from '../../src/api/serverClock';

const NOW = 1_800_000_000_000;
const dateAt = (milliseconds: number) => new Date(milliseconds).toUTCString();

/** Answers of a server whose clock is ahead by so much, each after 20 ms. */
function heard(ahead: number, times: readonly number[]): ServerClock {
  const clock = new ServerClock();
  for (const time of times) clock.hear(dateAt(NOW + time + 10 + ahead), NOW + time, NOW + time + 20);
  return clock;
}

describe('the clock of the server', () => {
  const times = Array.from({ length: 40 }, (_, index) => index * 1370);

  it('is taken to be right as long as its answers allow that', () => {
    expect(new ServerClock().ahead).toBe(0);
    expect(heard(0, times).ahead).toBe(0);
  });

  it.each([3_600_000, -90_000, 2_500])('is told from whole seconds when it is %i ms ahead', (ahead) => {
    const clock = heard(ahead, times);
    expect(Math.abs(clock.ahead - ahead)).toBeLessThan(60);
    expect(clock.local(NOW + ahead)).toBe(NOW + ahead - clock.ahead);
  });

  it('is told anew after one of the two was set', () => {
    const clock = heard(60_000, times);
    clock.hear(dateAt(NOW), NOW, NOW + 20);
    expect(Math.abs(clock.ahead)).toBeLessThan(1000);
  });

  it('is not told by answers without a date', () => {
    const clock = new ServerClock();
    clock.hear(null, NOW, NOW);
    clock.hear('yesterday', NOW, NOW);
    expect(clock.ahead).toBe(0);
  });
});
