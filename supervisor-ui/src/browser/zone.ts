/** The reader's time zone by its IANA name, as "Asia/Tokyo"; "": the browser does not tell. */
export function zone(): string {
  const name = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  // What browsers say that were told to hide it.
  return name === undefined || name === "Etc/Unknown" ? "" : name;
}
