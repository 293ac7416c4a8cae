const letter = /\p{L}/u;
const rightToLeft =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;

/**
 * Returns the direction of a text by its first letter, as `dir="auto"` does. A block that contains blocks needs it, since
 * browsers do not count the letters of elements that have a direction of their own.
 */
export const findDirection = (text: string): 'ltr' | 'rtl' =>
  rightToLeft.test(letter.exec(text)?.[0] ?? '') ? 'rtl' : 'ltr';
