import type { Lane, Mark, Timeline } from "./lanes.ts";
import { useView } from "./view.tsx";

const percent = (position: number) => `${(position * 100).toFixed(2)}%`;

/** Where "now" is written there is no room for a tick's label. */
const LABELS_UNTIL = 0.9;

/** More marks than that in a lane touch each other. */
const DENSE = 24;

/** Users as lanes, times as marks. For readers who see no picture, the table says the same. */
export function TimelinePicture({ timeline }: { timeline: Timeline }) {
  const { texts, times } = useView();
  const { first, last, ruler, lanes, hiddenLanes, now } = timeline;
  const marks = lanes.reduce((sum, lane) => sum + lane.marks.length, 0);
  const said = texts.timelineOf(lanes.length, marks, times.day(first), times.day(last));
  return (
    <figure class="timeline">
      <div role="img" aria-label={`${texts.timeline}: ${said}`} class="plot">
        <div class="ruler">
          {ruler.ticks.map(({ at, position }) => (
            <span key={at} class="tick" style={{ left: percent(position) }}>
              {position < LABELS_UNTIL && position > 0.02 && <i>{times.tick(at, ruler.unit)}</i>}
            </span>
          ))}
          {now !== null && (
            <span class="tick now" style={{ left: percent(now) }}>
              <i>{texts.now}</i>
            </span>
          )}
        </div>
        {lanes.map((lane, index) => (
          <LaneRow key={index} lane={lane} last={last} />
        ))}
      </div>
      {hiddenLanes > 0 && <figcaption>{texts.hiddenLanes(hiddenLanes)}</figcaption>}
    </figure>
  );
}

function LaneRow({ lane, last }: { lane: Lane; last: number }) {
  const { texts, times, now } = useView();
  const { label, isGroup, marks } = lane;
  const [newest, oldest] = [marks[0] as Mark, marks.at(-1) as Mark];
  const name = label || texts.someone;
  const span = { left: percent(oldest.position), width: percent(newest.position - oldest.position) };
  return (
    <div class={marks.length > DENSE ? "lane dense" : "lane"}>
      <span class="lane-label">{name}</span>
      <span class="lane-line">
        <span class="lane-span" style={span} />
        {marks.map(({ at, position, index }) => (
          <span
            key={index}
            class={["mark", isGroup && "group", at === last && "last"].filter(Boolean).join(" ")}
            style={{ left: percent(position) }}
            title={`${name}, ${times.absolute(at)}`}
          />
        ))}
      </span>
      <span class="lane-note">
        {times.relative(newest.at, now)}
        {marks.length > 1 && ` · ${marks.length}×`}
      </span>
    </div>
  );
}
