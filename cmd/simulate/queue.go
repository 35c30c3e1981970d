package main

// event is the next thing that a phone does.
type event struct {
	at    int64 // milliseconds since the beginning
	phone int   // number of it; none for a new request
}

const none = -1

// queue has the earliest event in front: a binary heap.
type queue []event

func (q *queue) push(e event) {
	*q = append(*q, e)
	all := *q
	i := len(all) - 1
	for i > 0 && all[(i-1)/2].at > e.at {
		all[i] = all[(i-1)/2]
		i = (i - 1) / 2
	}
	all[i] = e
}

// pop takes the earliest; there is one.
func (q *queue) pop() event {
	all := *q
	first, last := all[0], all[len(all)-1]
	all = all[:len(all)-1]
	*q = all
	i := 0
	for child := 1; child < len(all); child = 2*i + 1 {
		if child+1 < len(all) && all[child+1].at < all[child].at {
			child++
		}
		if last.at <= all[child].at {
			break
		}
		all[i] = all[child]
		i = child
	}
	if len(all) > 0 {
		all[i] = last
	}
	return first
}
