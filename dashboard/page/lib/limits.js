/* Limits that several parts of the page share. */

/** With more runs or lines than this, less of each is read and drawn. */
export const MANY = 12;
