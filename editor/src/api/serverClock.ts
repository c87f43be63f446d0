/**
 * How far the clock of the server is ahead of this machine's, told from the `Date` of its answers.
 *
 * `Date` is in whole seconds, so one answer says it to about a second; what all answers allow together soon says more.
 * As long as they allow that both clocks agree, they are taken to agree.
 */

const SECOND = 1000;

export class ServerClock {
  private least = Number.NEGATIVE_INFINITY;
  private most = Number.POSITIVE_INFINITY;

  /** An answer with this `Date` came to a question of `sent`; both times are those of this machine, in milliseconds. */
  hear(date: string | null, sent: number, received: number): void {
    const told = date === null ? Number.NaN : Date.parse(date);
    if (Number.isNaN(told)) return;
    const [least, most] = [told - received, told + SECOND - sent];
    this.least = Math.max(this.least, least);
    this.most = Math.min(this.most, most);
    // One of the clocks was set meanwhile: only the newest answer counts.
    if (this.least > this.most) [this.least, this.most] = [least, most];
  }

  /** Milliseconds by which the server is ahead. */
  get ahead(): number {
    if (this.least <= 0 && this.most >= 0) return 0;
    return Math.round((this.least + this.most) / 2);
  }

  /** A time of the server as this machine's clock had it. */
  local(milliseconds: number): number {
    return milliseconds - this.ahead;
  }
}

/** The clock of the server that this page came from. */
export const serverClock = new ServerClock();
