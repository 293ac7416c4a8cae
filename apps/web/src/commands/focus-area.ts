/** Moves the focus to the next area of the page, such as the list, the conversation or iAgent; with -1 to the last. */
export function focusArea(step: 1 | -1) {
  const areas = [...document.querySelectorAll<HTMLElement>('[data-area]')].filter((area) => area.offsetParent !== null);
  const current = areas.findIndex((area) => area.contains(document.activeElement));
  const next = areas.at(current < 0 ? (step > 0 ? 0 : -1) : (current + step) % areas.length);
  if (!next) return;
  const field = next.querySelector<HTMLElement>('textarea:not(:disabled)');
  (field ?? next).focus();
}
