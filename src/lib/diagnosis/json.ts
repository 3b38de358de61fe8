/** What JSON can hold. Evidence is nothing else, so that what was recorded is what is judged. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
