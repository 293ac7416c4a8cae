import type { KeyboardEvent } from 'react';

/** Returns whether the main input is a touch screen. */
export const isTouch = () => matchMedia('(pointer: coarse)').matches;

/** Returns whether an input method is composing, where Enter selects a word. Safari reports it as key code 229 only. */
export const isComposing = ({ nativeEvent, keyCode }: KeyboardEvent) => nativeEvent.isComposing || keyCode === 229;
