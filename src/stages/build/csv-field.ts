/**
 * A field of the comma-separated options that Docker takes (`--secret id=a,src=b`): quoted as a whole when it
 * holds what the reader would take for a separator.
 */
export const csvField = (field: string): string =>
  /[",\r\n]|^\s|\s$/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
