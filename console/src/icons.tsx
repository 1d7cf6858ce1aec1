/** Pictures beside words; none stands alone for a reader of the screen. */
const PATHS = {
  user: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-7 8c.6-3.6 3.4-5.5 7-5.5s6.400 1.900 7 5.500",
  group:
    "M9 11.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7Zm-6 8c.500-3.200 2.800-5 6-5s5.500 1.800 6 5M16 4.800a3.400 3.400 0 0 1 0 6.400M17.500 14.900c2 .6 3.200 2.200 3.500 4.600",
  copy: "M9 9h10v11H9zM15 9V4H5v11h4",
  link: "M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.700-5.700l-1 1M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.700 5.700l1-1",
  download: "M12 4v11m-4.500-4.500L12 15l4.500-4.500M5 20h14",
  print: "M7 9V4h10v5M7 17H4v-8h16v8h-3M7 14h10v6H7z",
  chevron: "m8 10 4 4 4-4",
  help: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM9.200 9.500a2.800 2.800 0 1 1 4.200 2.400c-.9.5-1.400 1.100-1.400 1.900M12 16.500v.2",
  retry: "M5 12a7 7 0 1 1 2 5M5 19v-4h4",
  search: "M11 17a6 6 0 1 0 0-12 6 6 0 0 0 0 12Zm4.500-1.500L20 20",
  check: "m5 12.500 4.500 4.500L19 7.500",
  alert: "M12 4 3 20h18zM12 10v4.500M12 17v.3",
} as const;

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
