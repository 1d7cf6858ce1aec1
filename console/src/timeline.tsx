import type { Lane, Timeline } from "./lanes.ts";
import type { Language, Texts } from "./texts.ts";
import { absolute, day } from "./time.ts";

const LANE_HEIGHT = 34;
const AXIS_HEIGHT = 24;
/** Marks keep this far from the edges, in per cent. */
const MARGIN = 2;

interface TimelineProps {
  timeline: Timeline;
  texts: Texts;
  language: Language;
}

// Positions are per cents, so that the picture fits any width while its texts keep their size.
function x(position: number): string {
  return `${(MARGIN + position * (100 - 2 * MARGIN)).toFixed(2)}%`;
}

/** Users as lanes, times as marks. For those who see no picture, the table says the same. */
export function TimelinePicture({ timeline, texts, language }: TimelineProps) {
  const { from, to, lanes, hiddenLanes } = timeline;
  const marks = lanes.reduce((sum, lane) => sum + lane.marks.length, 0);
  const [first, last] = [day(from, language), day(to, language)];
  const height = lanes.length * LANE_HEIGHT + AXIS_HEIGHT;
  return (
    <figure class="timeline">
      <svg
        role="img"
        aria-label={`${texts.timeline}: ${texts.timelineOf(lanes.length, marks, first, last)}`}
        width="100%"
        height={height}
      >
        {lanes.map((lane, index) => (
          <LaneRow key={index} lane={lane} index={index} texts={texts} language={language} />
        ))}
        <text class="axis" x={x(0)} y={height - 6}>
          {first}
        </text>
        <text class="axis" x={x(1)} y={height - 6} text-anchor="end">
          {last}
        </text>
      </svg>
      {hiddenLanes > 0 && <figcaption>{texts.hiddenLanes(hiddenLanes)}</figcaption>}
    </figure>
  );
}

interface LaneRowProps {
  lane: Lane;
  index: number;
  texts: Texts;
  language: Language;
}

function LaneRow({ lane, index, texts, language }: LaneRowProps) {
  const y = index * LANE_HEIGHT + 24;
  const label = lane.label || texts.someone;
  return (
    <g>
      <text class="lane-label" x={x(0)} y={y - 10}>
        {label}
      </text>
      <line class="lane" x1={x(0)} x2={x(1)} y1={y} y2={y} />
      {lane.marks.map((mark, position) => (
        <circle
          key={position}
          class={mark.row.type === "GROUP" ? "mark group" : "mark"}
          cx={x(mark.position)}
          cy={y}
          r="5"
        >
          <title>{`${label}, ${absolute(mark.row.unbound_at as string, language)}`}</title>
        </circle>
      ))}
    </g>
  );
}
