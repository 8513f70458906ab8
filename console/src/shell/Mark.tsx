/** The sign of the program: a baton on its way from hand to hand. */
export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#0f5c6e" />
      <path d="M8.5 23.5 23.5 8.5" stroke="#fff" strokeWidth="5.5" strokeLinecap="round" />
      <path d="m18.4 10.3 3.3 3.3" stroke="#f2b84b" strokeWidth="2.6" strokeLinecap="round" />
    </svg>
  );
}
