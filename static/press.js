// Keeps what Space and Enter press until it is known that no scan follows. Nothing here
// touches a page, so that press.test.mjs can hold it to the rules.
//
// A browser turns Space and Enter on a button, a box, a link or within a field into a click,
// which no pointer made. Such a click waits for a moment that no hand feels. A character in
// that time tells a scan, and the click is dropped; any other key, such as F8, lets it act at
// once, so that nothing is overtaken. Clicks of a pointer, of a screen reader and of scripts
// do not wait.

// late (ms): a timer that is so late tells of a computer that was busy: keys may wait in line.
const late = 20;

export class Presses {
  #waiting = []; // what to do, in order
  #keys = new Map(); // by code: Space and Enter that are down
  #acting = null; // the one whose click may come now
  #last = -Infinity;
  #timer = 0;

  // gap and hold give the longest gap within a scan and the time to wait, now the time of the
  // page, all in ms.
  constructor(gap, hold, now) { Object.assign(this, { gap, hold, now }); }

  // down hears each press of Space or Enter without Ctrl, Alt or Meta.
  down({ code, timeStamp, repeat }) {
    const known = this.#keys.get(code);
    this.#acting = repeat && known ? known : { time: timeStamp, done: Boolean(repeat) }; // held down since another page
    this.#keys.set(code, this.#acting);
    if (!repeat) this.blank(timeStamp);
  }

  // up hears each release. What it does, it does right after.
  up({ code }) {
    const press = this.#keys.get(code);
    if (!press) return;
    this.#keys.delete(code);
    this.#acting = press;
    setTimeout(() => { if (this.#acting === press) this.#acting = null; });
  }

  // spent: the key that was pressed last presses nothing.
  spent() { if (this.#acting) this.#acting.done = true; }

  // takes says whether a click has to wait, and then does what is given later, or never.
  takes({ isTrusted, detail, timeStamp }, act) {
    const press = this.#acting;
    if (!isTrusted || detail !== 0 || !press) return false;
    const again = press.done;
    press.done = true; // a key that is held down presses once
    if (again) return true;
    if (timeStamp - press.time > this.hold()) return false;
    this.wait(act);
    return true;
  }

  wait(act) {
    this.#waiting.push(act);
    this.#start(this.hold());
  }

  // blank hears a key that may be the first of a scan, and tells nothing.
  blank(time) {
    if (time - this.#last > this.hold()) this.flush();
    this.#last = time;
    if (this.#waiting.length > 0) this.#start(this.hold());
  }

  // tab hears Tab, which goes by what is chosen: a hand's comes after what it pressed before.
  tab(time) {
    if (time - this.#last > this.gap()) this.flush();
    this.blank(time);
  }

  // character hears a key that tells a scan, when it comes within the time.
  character(time) {
    if (time - this.#last > this.hold()) return this.flush();
    this.#waiting = [];
    for (const press of this.#keys.values()) press.done = true;
  }

  // flush does all that waits.
  flush() {
    clearTimeout(this.#timer);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const act of waiting) act();
  }

  #start(delay) {
    clearTimeout(this.#timer);
    const due = this.now() + delay;
    this.#timer = setTimeout(() => this.now() > due + late ? this.#start(late) : this.flush(), delay);
  }
}
