/** The sign of the program: two threads that cross. */

export function Logo() {
  return (
    <svg className="logo" viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">
      <rect width="32" height="32" rx="7" />
      <path className="warp" d="M6 10c7 0 13 12 20 12" />
      <path className="weft" d="M6 22c3.2 0 6.2-2.5 9-5.4M18.5 13.200C20.9 11.3 23.3 10 26 10" />
    </svg>
  );
}
