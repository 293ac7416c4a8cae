/** Type of a translation: the same keys as the English messages. */
export type Translated<T> = { [K in keyof T]: T[K] extends string ? string : Translated<T[K]> };
