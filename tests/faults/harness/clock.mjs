// Preloaded by --import. At each SIGUSR2 the process's clock jumps: an hour ahead, back, an hour behind, and back.
const hour = 3_600_000;
const offsets = [hour, 0, -hour, 0];
const RealDate = Date;
let jumps = 0;
let offset = 0;

process.on('SIGUSR2', () => {
  offset = offsets[jumps++ % offsets.length];
});

globalThis.Date = class JumpingDate extends RealDate {
  constructor(...args) {
    super(...(args.length === 0 ? [RealDate.now() + offset] : args));
  }
  static now() {
    return RealDate.now() + offset;
  }
};
