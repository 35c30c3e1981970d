package views

import "strconv"

// OverviewProps is what happened within some days, in plots. Fields of its form: days, counter.
type OverviewProps struct {
	Ranges   []RangeLink
	Days     string      // of the range in force, for the form
	Counters []Choice    // places to look at alone
	Counter  string      // the chosen one; "" for all
	Reports  []NamedFact // pages about the chosen one
	When     string      // for example "4 May 2026"
	Clock    string      // whose time it is, in words; "" for that of all counters
	Behind   bool        // the newest events are not counted yet
	Empty    string      // said instead of plots
	Plots    []Plot
}

// RangeLink leads to the same page for other days.
type RangeLink struct {
	Name, URL string
	Current   bool
}

// Plot is a number of bars, each with what it stands for in words and figures: bars that lie are rows of the plot's table, bars
// that stand are a picture above it.
type Plot struct {
	ID       string
	Title    string
	Says     string // what is counted, and what half of it took
	Name     string // of the first column
	Count    string // of the second
	Of       string // of the third; "" for none
	Rows     []PlotRow
	Standing bool
	Summary  string // of a picture, for whoever does not see it: the most, and when
	Empty    string // said instead of bars
}

// PlotRow is a bar. Size and OfSize are thousandths of the longest bar.
type PlotRow struct {
	Name   string
	URL    string // to the events; "" for none
	Count  string
	Of     string // of how many; "" where nothing has a part
	Size   int
	OfSize int
}

// Sizes of the picture, in its own units: every bar has as much room as every other.
const (
	plotHeight = 150
	plotRoom   = 24 // of a bar and what is beside it
	plotBar    = 18
	plotFoot   = 32 // below the bars, for words
)

func (p Plot) viewBox() string {
	return "0 0 " + strconv.Itoa(plotRoom*len(p.Rows)) + " " + strconv.Itoa(plotHeight+plotFoot)
}

func (p Plot) titleID() string { return p.ID + "-title" }

func (p Plot) summaryID() string { return p.ID + "-summary" }

// height is that of a standing bar; what is not nothing can be seen.
func (r PlotRow) height() int {
	if r.Size == 0 {
		return 0
	}
	return max(r.Size*(plotHeight-20)/1000, 2)
}

// width is that of a lying one.
func width(size int) string {
	if size > 0 {
		size = max(size, 8)
	}
	return strconv.Itoa(size)
}
