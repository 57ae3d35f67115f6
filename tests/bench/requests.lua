-- wrk: random callers and ids, made before the clock starts so that wrk itself
-- costs little. Arguments: kind of request, first case id, number of cases,
-- file of tokens (line n: contact first_contact + n - 1).
local VARIETY = 20000
local requests, last = {}, 0
local note = '{"text": "A note of the benchmark, of ordinary length: what ' ..
	'was seen, what was tried, what comes next."}'

function init(args)
	local kind, first, cases = args[1], tonumber(args[2]), tonumber(args[3])
	local tokens = {}
	for line in io.lines(args[4]) do
		tokens[#tokens + 1] = "Bearer " .. line
	end
	math.randomseed(os.time())
	for n = 1, VARIETY do
		local i = math.random(cases)
		if kind == "note" then	-- see INDEX in bench.py
			i = (math.random(math.max(1, math.floor(cases / 20000))) -
				1) * 20000 + math.random(1000, 1999)
		end
		local headers = { ["Authorization"] = tokens[1 + i % #tokens] }
		local case = "/v1/cases/" .. (first + i - 1)
		if kind == "get" then
			requests[n] = wrk.format("GET", case, headers)
		elseif kind == "list" then
			requests[n] = wrk.format("GET", "/v1/cases?limit=25",
				headers)
		else
			headers["Content-Type"] = "application/json"
			requests[n] = wrk.format("POST", case .. "/notes",
				headers, note)
		end
	end
end

function request()
	last = last % VARIETY + 1
	return requests[last]
end
