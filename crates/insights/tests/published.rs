//! Queries of the kind that AWS publishes for its log types are read whole. From "Sample queries" and the pages of the
//! commands in the CloudWatch Logs user guide.

use shoseki_insights::parse;

const QUERIES: &[&str] = &[
    // General
    "fields @timestamp, @message | sort @timestamp desc | limit 25",
    "filter @message like /Exception/ | stats count(*) as exceptionCount by bin(1h) | sort exceptionCount desc",
    "fields @message | filter @message like /Exception/",
    "fields @message | filter @message not like /Exception/",
    "stats count(*) by server, severity | sort server desc",
    "fields @timestamp, server, severity, message | sort @timestamp asc | dedup server, severity",
    "fields @timestamp, @message | filter @message =~ /(?i)exception/",
    // Lambda
    "filter @type = \"REPORT\" | stats avg(@duration), max(@duration), min(@duration) by bin(5m)",
    "filter @type = \"REPORT\"\n| fields @requestId, @billedDuration\n| sort by_duration desc",
    "filter @type = \"REPORT\" | stats max(@memorySize / 1000 / 1000) as provisionedMemoryMB, min(@maxMemoryUsed / 1000 / 1000) as smallestMemoryRequestMB, avg(@maxMemoryUsed / 1000 / 1000) as avgMemoryUsedMB, provisionedMemoryMB - maxMemoryUsedMB as overProvisionedMB",
    // VPC flow logs
    "stats sum(bytes) as bytesTransferred by srcAddr, dstAddr | sort bytesTransferred desc | limit 10",
    "filter isIpv4InSubnet(srcAddr, \"192.0.2.0/24\") | fields @timestamp, srcAddr",
    "filter protocol=17 | stats count(*) by srcAddr",
    "fields @timestamp, @message | filter logStatus = \"SKIPDATA\" | limit 20",
    // Route 53
    "stats count(*) by queryType",
    "filter responseCode=\"NXDOMAIN\" | stats count(*) as numRequests by hostedZoneId | sort numRequests desc",
    // CloudTrail
    "stats count(*) by eventSource, eventName, awsRegion",
    "filter (eventName=\"StartInstances\" or eventName=\"StopInstances\") and awsRegion=\"us-east-2\"",
    "filter eventSource=\"ec2.amazonaws.com\" and eventName=\"RunInstances\" | stats count(*) by userIdentity.type | fields eventName",
    "filter eventName=\"CreateUser\" | fields awsRegion, requestParameters.userName, responseElements.user.arn",
    "filter eventSource = \"signin.amazonaws.com\" and eventName = \"ConsoleLogin\" and additionalEventData.MFAUsed != \"Yes\"",
    "filter ispresent(errorCode) | stats count(*) as numExceptions by tlsDetails.tlsVersion, bin(5m)",
    // EKS
    "fields @timestamp, user.username, objectRef.name | filter verb = \"delete\" and objectRef.resource = 'pods' | filter @logStream like /^kube-apiserver-audit/",
    "filter responseStatus.code >= 400 and responseStatus.code <= 499 | stats count(*) by user.username",
    // parse
    "fields @message | parse @message \"user=*, method:*, latency := *\" as @user, @method, @latency | stats avg(@latency) by @method, @user",
    "parse @message /user=(?<user2>.*?), method:(?<method2>.*?), latency := (?<latency2>.*?)/ | stats avg(latency2) by method2, user2",
    // Rows
    "fields @timestamp, bytes | accum bytes AS totalBytes",
    "fields a, b | addtotals",
    "fields price, tax, qty | addtotals price, tax",
    "fields val | addtotals fieldname=RowSum",
    "fields x | addtotals col=true x",
    "fields @timestamp, bytes | autoregress bytes p=1-4",
    "fields method, status | countFrequent method, status",
    "fields @timestamp, host, cpu_user, cpu_system | filldown host cpu*",
    "fields @timestamp, latency | stats avg(latency) as avg_latency by bin(1m) | fillmissing with 0 for avg_latency",
    "fields @timestamp, cpu, memory | outlier action=remove param=3.0 uselower=true mark=true cpu memory",
    "fields @timestamp, userId, deviceId | sessionize userId, deviceId maxspan 1h as my_session",
    "filter @message like /ERROR/ | parse @message 'Failed to do: *' as cause | pattern cause | sort @sampleCount asc",
    "fields @timestamp, @message | pattern @message | diff previousWeek",
    "fields @message | logcompare timeshift 7d",
    // Conditions
    "fields strlen(message) as l, coalesce(a, b, 'none') as c | filter abs(l - 3) > 1 and (c in ['a', 'b'] or not isValidIp(ip))",
    "fields @timestamp | filter range>3000 and accountId != 123456789012 | sort @timestamp desc",
    "stats count(*), count_distinct(sourceIPAddress) as ips by bin(1d), `userIdentity.arn`",
    "stats pct(@duration, 99.9) as p by dateceil(@timestamp, 1h) | stats max(p), min(p)",
];

#[test]
fn published_queries_are_read() {
    for query in QUERIES {
        let parsed = parse(query);
        assert!(parsed.errors.is_empty(), "{query}\n{:?}", parsed.errors);
        let again = parse(&parsed.query.to_string());
        assert_eq!(again.query.to_string(), parsed.query.to_string());
    }
}

#[test]
fn flags_behind_a_pattern_are_refused() {
    let errors = parse("filter @message like /error/i").errors;
    assert_eq!(errors.iter().map(|error| error.message.id()).collect::<Vec<_>>(), ["insights-regex-flags"]);
}
